package samepage.volume;

import java.io.IOException;
import samepage.lock.RankedLock;

/**
 * A handle on the running transaction: what is put through it is durable as a whole or not at all (V5). Open it after all
 * refusals have been spoken, {@link #complete} it when every record is put; closing an incomplete one stops the volume,
 * for its memory no longer says what the store would.
 *
 * <p>Belongs to one thread, which opens no second one and waits for nothing while it is open.
 */
public final class Transaction implements AutoCloseable {
    private final Volume volume;
    private final Overlay running;
    private final RankedLock.Held joined;
    private boolean complete;

    Transaction(Volume volume, Overlay running, RankedLock.Held joined) {
        this.volume = volume;
        this.running = running;
        this.joined = joined;
    }

    Overlay running() {
        return running;
    }

    /** What {@link Volume#commit(long)} takes to make this transaction durable. */
    public long sequence() {
        return running.sequence;
    }

    /** A number for a new inode, never used before; counted from now on. */
    public long newInode() {
        return volume.newInode();
    }

    public void putInode(InodeRecord inode) {
        running.put(RecordKey.of(RecordKey.INODE, inode.ino()), InodeFormat.encode(inode));
    }

    /** Forgets the inode; its content, attributes and orphan record must have gone before or go in this transaction. */
    public void removeInode(long ino) {
        delete(RecordKey.of(RecordKey.INODE, ino));
        volume.inodeRemoved();
    }

    /** Adds or replaces a name. */
    public void putEntry(long directory, byte[] name, long ino, FileType type) {
        running.put(EntryFormat.key(directory, name), EntryFormat.encode(ino, type));
    }

    public void removeEntry(long directory, byte[] name) {
        delete(EntryFormat.key(directory, name));
    }

    public void putSymlinkTarget(long ino, byte[] target) {
        running.put(RecordKey.of(RecordKey.SYMLINK, ino), target.clone());
    }

    public void removeSymlinkTarget(long ino) {
        delete(RecordKey.of(RecordKey.SYMLINK, ino));
    }

    public void putXattr(long ino, byte[] name, byte[] value) {
        running.put(RecordKey.of(RecordKey.XATTR, ino, name), value.clone());
    }

    public void removeXattr(long ino, byte[] name) {
        delete(RecordKey.of(RecordKey.XATTR, ino, name));
    }

    /** Marks an inode that has no name left: it is freed when nobody has it open, after a crash at the next opening. */
    public void putOrphan(long ino) {
        running.put(RecordKey.of(RecordKey.ORPHAN, ino), new byte[] {0});
    }

    public void removeOrphan(long ino) {
        delete(RecordKey.of(RecordKey.ORPHAN, ino));
    }

    /** Counts the one reference of freshly written blocks, which {@link ExtentMap#map} then takes over. */
    public void reference(PhysicalRun run) throws IOException {
        volume.space().referenceFresh(running, run);
    }

    /** Records the checksums of blocks from {@code physicalBlock} on, as {@link Volume#write} gave them. */
    public void recordChecksums(long physicalBlock, Checksum[] sums) throws IOException {
        volume.checksums().record(running, physicalBlock, sums);
    }

    /** Everything has been put. */
    public void complete() {
        complete = true;
    }

    @Override
    public void close() {
        try {
            if (!complete) {
                volume.stop("a transaction was left incomplete", null);
            }
        } finally {
            joined.close();
        }
        volume.handleClosed(running);
    }

    private void delete(byte[] key) {
        running.put(key, MetadataStore.DELETED);
    }
}
