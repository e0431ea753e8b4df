package samepage.io;

import java.io.IOException;
import java.util.List;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.volume.Extent;
import samepage.volume.InodeRecord;
import samepage.volume.PhysicalRun;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** Allocates, punches, zeroes, collapses and inserts ranges, each under the inode lock exclusive, direct I/O drained. */
final class Fallocation {
    /** Blocks that one transaction allocates at most. */
    private static final long BLOCKS_AT_ONCE = 1 << 18;

    private final Volume volume;
    private final BufferedIo bufferedIo;
    private final Writeback writeback;
    private final int blockSize;
    private final BlockSize blocks;

    Fallocation(Volume volume, BufferedIo bufferedIo, Writeback writeback) {
        this.volume = volume;
        this.bufferedIo = bufferedIo;
        this.writeback = writeback;
        this.blockSize = volume.blockSize();
        this.blocks = new BlockSize(blockSize);
    }

    /** See {@link FileIo#allocate}. */
    void allocate(Inode inode, long offset, long length, boolean keepSize, SetIdBits setIdBits) throws IOException {
        checkRange(inode, offset, length);
        try (var _ = inode.inodeLock().lockExclusive()) {
            inode.directIo().awaitZero();
            fillHoles(inode, offset, length);
            growUnless(keepSize, inode, offset + length);
            inode.contentModified(setIdBits);
        }
    }

    /** See {@link FileIo#punchHole}. */
    void punchHole(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        checkRange(inode, offset, length);
        try (var _ = inode.lockToChange(blocks.containing(offset), blocks.upTo(offset + length))) {
            inode.directIo().awaitZero();
            punch(inode, offset, length);
            inode.contentModified(setIdBits);
        }
    }

    /** See {@link FileIo#zeroRange}. */
    void zeroRange(Inode inode, long offset, long length, boolean keepSize, SetIdBits setIdBits) throws IOException {
        checkRange(inode, offset, length);
        try (var _ = inode.lockToChange(blocks.containing(offset), blocks.upTo(offset + length))) {
            inode.directIo().awaitZero();
            punch(inode, offset, length);
            fillHoles(inode, offset, length);
            growUnless(keepSize, inode, offset + length);
            inode.contentModified(setIdBits);
        }
    }

    /** See {@link FileIo#collapseRange}. */
    void collapseRange(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        checkRange(inode, offset, length);
        try (var _ = inode.lockToChange(blocks.containing(offset), Long.MAX_VALUE)) {
            inode.directIo().awaitZero();
            collapse(inode, offset, length);
            inode.contentModified(setIdBits);
        }
    }

    /** See {@link FileIo#insertRange}. */
    void insertRange(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        checkRange(inode, offset, length);
        try (var _ = inode.lockToChange(blocks.containing(offset), Long.MAX_VALUE)) {
            inode.directIo().awaitZero();
            insert(inode, offset, length);
            inode.contentModified(setIdBits);
        }
    }

    private static void growUnless(boolean keepSize, Inode inode, long endBytes) {
        if (!keepSize && endBytes > inode.sizeBytes()) {
            inode.zeroPastEnd();
            inode.growTo(endBytes);
        }
    }

    /**
     * Takes space for every hole in the range, so that writing there does not run out of it.
     *
     * @throws VfsException ENOSPC where there is not enough for all of them; then none is filled
     */
    private void fillHoles(Inode inode, long offset, long length) throws IOException {
        try (var _ = inode.invalidateLock().lockExclusive();
                var _ = inode.writebackLock().lockExclusive()) { // a hole stays one until it is filled
            long from = offset / blockSize;
            long to = blocks.upTo(offset + length);
            long promised = holeBlocks(inode, from, to);
            volume.promise(promised);
            try {
                for (long block = from; block < to; ) {
                    Extent next = inode.extents().next(block);
                    if (next != null && next.fileBlock() <= block) {
                        block = next.endBlock();
                    } else {
                        long end = Math.min(Math.min(to, next == null ? to : next.fileBlock()), block + BLOCKS_AT_ONCE);
                        allocateHole(inode, block, end);
                        volume.redeem(end - block, end - block);
                        promised -= end - block;
                        block = end;
                    }
                }
            } finally {
                volume.redeem(promised, 0);
            }
        }
    }

    private static long holeBlocks(Inode inode, long from, long to) throws IOException {
        long holes = to - from;
        for (Extent next = inode.extents().next(from);
                next != null && next.fileBlock() < to;
                next = inode.extents().next(next.endBlock())) {
            holes -= Math.min(to, next.endBlock()) - Math.max(from, next.fileBlock());
        }
        return holes;
    }

    private void allocateHole(Inode inode, long from, long to) throws IOException {
        List<PhysicalRun> runs = volume.allocateToKeep(to - from);
        try (Transaction transaction = volume.begin()) {
            long block = from;
            for (PhysicalRun run : runs) {
                transaction.reference(run);
                inode.extents().map(transaction, block, run, false);
                block += run.blockCount();
            }
            inode.update(transaction, record -> record.withFlags(record.flags() | InodeRecord.FLAG_PREALLOCATED));
            transaction.complete();
        }
    }

    /** Makes the range read as zeros and gives its whole blocks back. */
    private void punch(Inode inode, long offset, long length) throws IOException {
        try (var _ = inode.invalidateLock().lockExclusive()) {
            long end = Math.min(offset + length, blocks.startOf(blocks.upTo(inode.sizeBytes())));
            if (offset < end) {
                inode.unmap(blocks.containing(offset), blocks.upTo(end));
                punchLocked(inode, offset, end);
            }
        }
    }

    private void punchLocked(Inode inode, long offset, long end) throws IOException {
        long from = blocks.upTo(offset);
        long to = end / blockSize;
        if (from > to) {
            bufferedIo.zeroPartLocked(inode, offset, end);
            return;
        }
        bufferedIo.zeroPartLocked(inode, offset, blocks.startOf(from));
        if (end < inode.sizeBytes()) {
            bufferedIo.zeroPartLocked(inode, to * blockSize, end);
        } else {
            to = blocks.upTo(end);
        }
        try (var _ = inode.writebackLock().lockExclusive()) {
            inode.pages().drop(from, to);
            for (long left = from; left < to; ) {
                try (Transaction transaction = volume.begin()) {
                    left = inode.extents().unmap(transaction, left, to);
                    inode.extentsChanged(transaction);
                    transaction.complete();
                }
            }
            inode.contentChanged(from, to);
        }
    }

    /**
     * Takes {@code [offset, offset + length)} out; what follows moves down.
     *
     * @throws VfsException EINVAL where the range is not of whole blocks or reaches the end
     */
    private void collapse(Inode inode, long offset, long length) throws IOException {
        checkWholeBlocks(inode, offset, length);
        if (offset + length >= inode.sizeBytes()) {
            throw new VfsException(Errno.EINVAL, "a collapsed range must end before the file does")
                    .with("inode", inode.ino());
        }
        moveRest(inode, offset / blockSize, (offset + length) / blockSize, -(length / blockSize));
    }

    /**
     * Puts a hole of {@code length} at {@code offset}; what follows moves up.
     *
     * @throws VfsException EINVAL where the range is not of whole blocks or starts at or past the end
     */
    private void insert(Inode inode, long offset, long length) throws IOException {
        checkWholeBlocks(inode, offset, length);
        if (offset >= inode.sizeBytes()) {
            throw new VfsException(Errno.EINVAL, "a range is inserted before the end only").with("inode", inode.ino());
        }
        FileIo.checkEnd(inode, inode.sizeBytes(), length);
        moveRest(inode, offset / blockSize, offset / blockSize, length / blockSize);
    }

    /** Unmaps {@code [from, rest)} and moves what lies from {@code rest} on, in one transaction. */
    private void moveRest(Inode inode, long from, long rest, long byBlocks) throws IOException {
        try (var _ = inode.invalidateLock().lockExclusive()) {
            inode.unmap(from, Long.MAX_VALUE);
            writeback.writeBack(inode, from, Long.MAX_VALUE);
            try (var _ = inode.writebackLock().lockExclusive()) {
                inode.pages().drop(from, Long.MAX_VALUE);
                try (Transaction transaction = volume.begin()) {
                    for (long left = from; left < rest; ) {
                        left = inode.extents().unmap(transaction, left, rest);
                    }
                    inode.extents().shift(transaction, rest, byBlocks);
                    inode.setSize(transaction, inode.sizeBytes() + byBlocks * blockSize, record -> record);
                    transaction.complete();
                }
                inode.contentChanged(from, Long.MAX_VALUE);
            }
        }
    }

    private static void checkRange(Inode inode, long offset, long length) throws VfsException {
        if (offset < 0 || length <= 0) {
            throw new VfsException(Errno.EINVAL)
                    .with("inode", inode.ino())
                    .with("offset", offset)
                    .with("length", length);
        }
        FileIo.checkEnd(inode, offset, length);
    }

    private void checkWholeBlocks(Inode inode, long offset, long length) throws VfsException {
        if (offset % blockSize != 0 || length % blockSize != 0) {
            throw new VfsException(Errno.EINVAL, "the range is not of whole blocks")
                    .with("inode", inode.ino())
                    .with("offset", offset)
                    .with("length", length);
        }
    }
}
