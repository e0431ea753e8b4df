package samepage.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLease;
import samepage.inode.LayoutLease.Access;
import samepage.volume.BlockPin;
import samepage.volume.Checksum;
import samepage.volume.Extent;
import samepage.volume.PhysicalRun;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/**
 * What a lease gives: pinned blocks to read, or fresh ones to write, which the file does not have yet. So a crash, a fence or
 * a holder that is gone leaves the file as it was; returning the lease puts all that has been written into it, in one
 * transaction.
 */
public final class GrantedLayout {
    private final Volume volume;
    private final Inode inode;
    private final LayoutLease lease;
    private final List<Extent> extents;
    private final @Nullable BlockPin pin;
    private final Consumer<GrantedLayout> whenEnded;

    /** Of each fresh block that has been written, by its place in the lease. */
    private final @Nullable Checksum[] sums;

    private volatile boolean published;

    /** Pinned extents of blocks {@code [from, to)}, to read. */
    GrantedLayout(
            Volume volume,
            Inode inode,
            long from,
            long to,
            List<Extent> extents,
            BlockPin pin,
            Consumer<GrantedLayout> whenEnded,
            Duration deadline,
            Runnable holder) {
        this.volume = volume;
        this.inode = inode;
        this.extents = extents;
        this.pin = pin;
        this.sums = new Checksum[0];
        this.whenEnded = whenEnded;
        this.lease = new LayoutLease(from, to, Access.READ, holder, deadline, this::discard);
    }

    /** Fresh blocks for {@code [from, to)}, to write. */
    GrantedLayout(
            Volume volume,
            Inode inode,
            long from,
            long to,
            List<PhysicalRun> fresh,
            Consumer<GrantedLayout> whenEnded,
            Duration deadline,
            Runnable holder) {
        this.volume = volume;
        this.inode = inode;
        this.sums = new Checksum[(int) (to - from)];
        this.pin = null;
        this.whenEnded = whenEnded;
        var placed = new ArrayList<Extent>();
        long block = from;
        for (PhysicalRun run : fresh) {
            placed.add(new Extent(block, run.start(), run.blockCount(), true));
            block += run.blockCount();
        }
        this.extents = List.copyOf(placed);
        this.lease = new LayoutLease(from, to, Access.WRITE, holder, deadline, this::discard);
    }

    LayoutLease lease() {
        return lease;
    }

    /** Where the leased blocks lie; what no extent covers is a hole. */
    public List<Extent> extents() {
        return extents;
    }

    public boolean isAskedBack() {
        return lease.isAskedBack();
    }

    /**
     * Reads leased blocks from {@code fileBlock} on, verified; of a lease to write what has been written through it.
     *
     * @throws VfsException ESTALE once the lease has ended, EIO where a block is not what was written
     */
    public void read(long fileBlock, MemorySegment target) throws IOException {
        checkLeased(fileBlock, target);
        use(() -> {
            long end = fileBlock + target.byteSize() / volume.blockSize();
            target.fill((byte) 0);
            for (Extent extent : overlapping(fileBlock, end)) {
                readExtent(extent, target.asSlice((extent.fileBlock() - fileBlock) * volume.blockSize()));
            }
            return 0L;
        });
    }

    private void readExtent(Extent extent, MemorySegment target) throws IOException {
        MemorySegment content = target.asSlice(0, extent.blockCount() * volume.blockSize());
        if (lease.access() == Access.READ) {
            volume.read(extent.physicalBlock(), content);
            return;
        }
        for (long i = 0; i < extent.blockCount(); i++) {
            Checksum sum = sums[(int) (extent.fileBlock() + i - lease.from())];
            if (sum != null) {
                MemorySegment block = content.asSlice(i * volume.blockSize(), volume.blockSize());
                volume.readWritten(extent.physicalBlock() + i, block, sum);
            }
        }
    }

    /**
     * Sends leased bytes from the device to {@code target} without verifying them.
     *
     * @return how many, from {@code offset} of the file on
     */
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        return use(() -> {
            long block = offset / volume.blockSize();
            for (Extent extent : overlapping(block, (offset + length - 1) / volume.blockSize() + 1)) {
                if (extent.fileBlock() == block) {
                    long inBlock = offset % volume.blockSize();
                    long available = extent.blockCount() * volume.blockSize() - inBlock;
                    return volume.transferTo(
                            extent.physicalBlock() * volume.blockSize() + inBlock, Math.min(length, available), target);
                }
            }
            return (long) target.write(java.nio.ByteBuffer.allocate((int) Math.min(length, zerosFrom(offset))));
        });
    }

    /** Bytes from {@code offset} to the end of its block, which lies in a hole. */
    private long zerosFrom(long offset) {
        return volume.blockSize() - offset % volume.blockSize();
    }

    private List<Extent> overlapping(long from, long to) {
        return extents.stream()
                .filter(extent -> extent.fileBlock() < to && from < extent.endBlock())
                .map(extent -> extent.clip(from, to))
                .toList();
    }

    /**
     * Writes whole leased blocks from {@code fileBlock} on; the file has them when the lease is returned.
     *
     * @throws VfsException EBADF where it is a lease to read; ESTALE once it has ended: what was written is lost where it was
     *     fenced
     */
    public void write(long fileBlock, MemorySegment source) throws IOException {
        if (lease.access() == Access.READ) {
            throw new VfsException(Errno.EBADF, "leased to read").with("inode", inode.ino());
        }
        checkLeased(fileBlock, source);
        use(() -> {
            writeBlocks(fileBlock, withZerosPastEnd(fileBlock, source));
            return 0L;
        });
    }

    /** One at a time, so that a block's checksum is that of what was written last. */
    private synchronized void writeBlocks(long fileBlock, MemorySegment source) throws IOException {
        long end = fileBlock + source.byteSize() / volume.blockSize();
        for (Extent extent : overlapping(fileBlock, end)) {
            long offset = (extent.fileBlock() - fileBlock) * volume.blockSize();
            var run = new PhysicalRun(extent.physicalBlock(), extent.blockCount());
            Checksum[] written = volume.write(run, source.asSlice(offset, extent.blockCount() * volume.blockSize()));
            System.arraycopy(written, 0, sums, (int) (extent.fileBlock() - lease.from()), written.length);
        }
    }

    /** The file's size does not change within its last block while that is leased. */
    private MemorySegment withZerosPastEnd(long fileBlock, MemorySegment source) {
        long past = inode.sizeBytes() - fileBlock * volume.blockSize();
        if (past >= source.byteSize()) {
            return source;
        }
        MemorySegment copy = Arena.ofAuto().allocate(source.byteSize(), volume.blockSize());
        copy.copyFrom(source).asSlice(past).fill((byte) 0);
        return copy;
    }

    private void checkLeased(long fileBlock, MemorySegment content) throws VfsException {
        long end = fileBlock + content.byteSize() / volume.blockSize();
        if (fileBlock < lease.from() || end > lease.to()) {
            throw new VfsException(Errno.EINVAL, "not leased")
                    .with("inode", inode.ino())
                    .with("offset", fileBlock * volume.blockSize())
                    .with("length", content.byteSize());
        }
    }

    private interface Usage {
        long run() throws IOException;
    }

    private long use(Usage usage) throws IOException {
        if (!lease.beginUse()) {
            throw ended();
        }
        try {
            return usage.run();
        } finally {
            lease.endUse();
        }
    }

    private VfsException ended() {
        return new VfsException(
                        Errno.ESTALE,
                        lease.isFenced()
                                ? "the layout lease was not given back in time and has been taken"
                                : "the layout lease has ended")
                .with("inode", inode.ino());
    }

    /**
     * Gives the lease back: what has been written through it is the file's content when this returns, to whoever calls it.
     *
     * @throws VfsException ESTALE where it has been fenced or another's return has failed, and what was written is lost
     */
    public void giveBack() throws IOException {
        if (!lease.beginReturn()) {
            lease.awaitGone(); // somebody else may be giving it back at this moment
            if (lease.access() == Access.WRITE && !published) {
                throw ended();
            }
            return;
        }
        try {
            if (lease.access() == Access.WRITE) {
                publish();
            }
        } finally {
            discard();
        }
    }

    /** Ends the lease: pinned blocks may be freed, and fresh ones that the file has not got are free again. */
    void discard() {
        if (pin != null) {
            pin.close();
        }
        var unused = new ArrayList<PhysicalRun>();
        for (Extent extent : lease.access() == Access.WRITE ? extents : List.<Extent>of()) {
            for (long block = extent.fileBlock(); block < extent.endBlock(); ) {
                long end = published ? unwrittenUntil(block, extent.endBlock()) : extent.endBlock();
                if (end > block) {
                    Extent part = extent.clip(block, end);
                    unused.add(new PhysicalRun(part.physicalBlock(), part.blockCount()));
                }
                block = Math.max(end, block + 1);
            }
        }
        volume.abandon(unused);
        inode.leases().gone(lease);
        whenEnded.accept(this);
    }

    private void publish() throws IOException {
        try (var _ = inode.inodeLock().lockExclusive();
                var _ = inode.invalidateLock().lockExclusive();
                var _ = inode.writebackLock().lockExclusive();
                Transaction transaction = volume.begin()) {
            for (Extent extent : extents) {
                publish(transaction, extent);
            }
            Timestamp now = Timestamp.now();
            inode.update(transaction, record -> record.modifiedAt(now));
            inode.extentsWritten(transaction, lease.to());
            transaction.complete();
            inode.contentChanged(lease.from(), lease.to());
            published = true;
            inode.leases().gone(lease); // with the locks held: whoever looks under them finds it in the file
        }
        volume.writtenFiles().note(inode.ino());
    }

    /** Maps those of an extent's blocks that have been written. */
    private void publish(Transaction transaction, Extent extent) throws IOException {
        for (long block = extent.fileBlock(); block < extent.endBlock(); ) {
            long end = writtenUntil(block, extent.endBlock());
            if (end > block) {
                Extent written = extent.clip(block, end);
                var run = new PhysicalRun(written.physicalBlock(), written.blockCount());
                var runSums = new Checksum[(int) run.blockCount()];
                for (int i = 0; i < runSums.length; i++) {
                    runSums[i] = java.util.Objects.requireNonNull(sums[(int) (block - lease.from()) + i]);
                }
                transaction.reference(run);
                transaction.recordChecksums(run.start(), runSums);
                inode.extents().map(transaction, block, run, true);
            }
            block = Math.max(end, block + 1);
        }
    }

    private long writtenUntil(long block, long limit) {
        long end = block;
        while (end < limit && sums[(int) (end - lease.from())] != null) {
            end++;
        }
        return end;
    }

    private long unwrittenUntil(long block, long limit) {
        long end = block;
        while (end < limit && sums[(int) (end - lease.from())] == null) {
            end++;
        }
        return end;
    }
}
