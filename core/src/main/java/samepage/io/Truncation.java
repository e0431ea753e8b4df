package samepage.io;

import java.io.IOException;
import java.util.function.UnaryOperator;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.InodeRecord;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** Moves a file's end. */
final class Truncation {
    private final Volume volume;
    private final BufferedIo bufferedIo;
    private final BlockSize blocks;

    Truncation(Volume volume, BufferedIo bufferedIo) {
        this.volume = volume;
        this.bufferedIo = bufferedIo;
        this.blocks = new BlockSize(volume.blockSize());
    }

    /**
     * Sets the size; the caller holds the inode lock exclusive. What is cut off is gone, what is added reads as zeros.
     * Set to what it is, it gives blocks back that were allocated past it.
     *
     * @param alsoChange attributes to change in the same transaction
     */
    void setSizeLocked(Inode inode, long sizeBytes, UnaryOperator<InodeRecord> alsoChange) throws IOException {
        inode.directIo().awaitZero();
        try (var _ = inode.invalidateLock().lockExclusive()) {
            if (sizeBytes < inode.sizeBytes() || (sizeBytes == inode.sizeBytes() && mayHaveBlocksPastEnd(inode))) {
                shrink(inode, sizeBytes, alsoChange);
            } else {
                extend(inode, sizeBytes, alsoChange);
            }
        }
    }

    private static boolean mayHaveBlocksPastEnd(Inode inode) {
        return inode.record().has(InodeRecord.FLAG_PREALLOCATED);
    }

    private void extend(Inode inode, long sizeBytes, UnaryOperator<InodeRecord> alsoChange) throws IOException {
        inode.zeroPastEnd();
        try (Transaction transaction = volume.begin()) {
            inode.update(transaction, record -> alsoChange.apply(record.withSize(sizeBytes)));
            transaction.complete();
        }
    }

    private void shrink(Inode inode, long sizeBytes, UnaryOperator<InodeRecord> alsoChange) throws IOException {
        long firstGone = blocks.upTo(sizeBytes);
        inode.unmap(blocks.containing(sizeBytes), Long.MAX_VALUE);
        zeroTail(inode, sizeBytes, firstGone);
        try (var _ = inode.writebackLock().lockExclusive()) {
            inode.pages().drop(firstGone, Long.MAX_VALUE);
            long left;
            try (Transaction transaction = volume.begin()) {
                left = inode.extents().unmap(transaction, firstGone, Long.MAX_VALUE);
                inode.setSize(transaction, sizeBytes, alsoChange);
                if (left < Long.MAX_VALUE) {
                    transaction.putOrphan(inode.ino());
                }
                transaction.complete();
            }
            if (left < Long.MAX_VALUE) {
                unmapRest(inode, left);
            }
            inode.contentChanged(firstGone, Long.MAX_VALUE);
        }
        inode.truncated(firstGone);
    }

    /**
     * Zeroes the rest of the last block, on the device too: otherwise a crash between the commit of the size and the block's
     * writeback would leave old bytes behind the end, to come back when the file grows.
     */
    private void zeroTail(Inode inode, long sizeBytes, long firstGone) throws IOException {
        if (sizeBytes == blocks.startOf(firstGone)) {
            return;
        }
        bufferedIo.zeroPartLocked(inode, sizeBytes, blocks.startOf(firstGone));
        try {
            inode.writeBack(firstGone - 1, firstGone);
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOSPC) { // giving space back must not fail for want of it
                throw e;
            }
        }
    }

    /** The rest of a long truncation; the orphan record has it finished after a crash too. */
    void unmapRest(Inode inode, long from) throws IOException {
        long left = from;
        while (left < Long.MAX_VALUE) {
            try (Transaction transaction = volume.begin()) {
                left = inode.extents().unmap(transaction, left, Long.MAX_VALUE);
                if (left == Long.MAX_VALUE && inode.record().linkCount() > 0) {
                    transaction.removeOrphan(inode.ino());
                }
                inode.extentsChanged(transaction);
                transaction.complete();
            }
        }
    }
}
