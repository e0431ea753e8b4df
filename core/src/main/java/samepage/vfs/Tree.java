package samepage.vfs;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.io.FileIo;
import samepage.volume.DirectoryEntry;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** The tree as it is now, and what every operation on it has in common. */
final class Tree {
    private final Volume volume;
    private final FileIo io;
    private final AccessTimeRule accessTimes;
    private final boolean accessControlLists;

    Tree(Volume volume, FileIo io, AccessTimeRule accessTimes, boolean accessControlLists) {
        this.accessControlLists = accessControlLists;
        this.volume = volume;
        this.io = io;
        this.accessTimes = accessTimes;
    }

    Volume volume() {
        return volume;
    }

    FileIo io() {
        return io;
    }

    /** Whether they bind anybody: {@link VfsOptions#accessControlLists}. */
    boolean hasAccessControlLists() {
        return accessControlLists;
    }

    /** The list of that name; null where there is none, or none binds anybody. */
    @Nullable AccessControlList accessControlList(InodeRecord inode, byte[] name) throws IOException {
        if (!accessControlLists || !inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            return null;
        }
        byte[] value = volume.metadata().xattr(inode.ino(), name);
        return value == null ? null : AccessControlList.parse(value);
    }

    AccessTimeRule accessTimes() {
        return accessTimes;
    }

    InodeReferences references() {
        return new InodeReferences(io.inodes(), volume.metadata());
    }

    /** The attributes of an inode, in use or not; ESTALE where there is none of that number. */
    InodeRecord attributes(long ino) throws IOException {
        Inode inode = io.inodes().getIfPresent(ino);
        if (inode != null) {
            try {
                return Attributes.of(inode);
            } finally {
                io.inodes().release(inode);
            }
        }
        InodeRecord record = volume.metadata().inode(ino);
        if (record == null) {
            throw new VfsException(Errno.ESTALE).with("inode", ino);
        }
        return record;
    }

    /** The attributes of what an ordinary name refers to, or null. */
    @Nullable InodeRecord child(long directory, byte[] name) throws IOException {
        long gone = -1;
        while (true) {
            DirectoryEntry entry = volume.metadata().entry(directory, name);
            if (entry == null) {
                return null;
            }
            try {
                return attributes(entry.ino());
            } catch (VfsException e) {
                gone = InodeReferences.checkGoneSince(entry, gone, e);
            }
        }
    }

    /** True where the name refers to that inode, or for null to none. */
    boolean refersTo(Inode directory, byte[] name, @Nullable Inode inode) throws IOException {
        DirectoryEntry entry = volume.metadata().entry(directory.ino(), name);
        return Objects.equals(entry == null ? null : entry.ino(), inode == null ? null : inode.ino());
    }

    /** True where a directory is {@code ancestor} or lies below it; the caller keeps directories from moving (T3). */
    boolean isWithin(long directory, long ancestor) throws IOException {
        long at = directory;
        while (at != ancestor && at != Volume.ROOT) {
            at = attributes(at).parent();
        }
        return at == ancestor;
    }

    /** One name fewer: a file's inode that loses its last becomes an orphan (T6), a directory's always does. */
    static void dropName(Transaction transaction, Inode inode, Timestamp now) {
        inode.update(
                transaction,
                record -> record.withLinkCount(record.isDirectory() ? 0 : record.linkCount() - 1)
                        .changedAt(now));
        if (inode.record().linkCount() == 0) {
            transaction.putOrphan(inode.ino());
        }
    }

    /** The directory's entries have changed, its subdirectories have become {@code moreDirectories} more (T7). */
    static void entriesChanged(Transaction transaction, Inode directory, int moreDirectories, Timestamp now) {
        directory.update(
                transaction,
                record -> record.withLinkCount(record.linkCount() + moreDirectories)
                        .modifiedAt(now));
    }

    /** Content of what is not open has been read. */
    void accessed(InodeRecord record) throws IOException {
        if (accessTimes.isDue(record, Timestamp.now())) {
            try (var references = references()) {
                accessTimes.accessed(references.get(record.ino()));
            }
        }
    }
}
