package samepage.remap;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.lock.RankedLock;

/**
 * The proof that both files of a request are locked: inode locks, then invalidate locks, each pair in inode order, a file
 * with itself once (R1).
 */
final class InodePairLock implements PairLock {
    private final Inode source;
    private final Inode target;
    private final RankedLock.Held firstInode;
    private final RankedLock.@Nullable Held secondInode;
    private final RankedLock.Held firstInvalidate;
    private final RankedLock.@Nullable Held secondInvalidate;

    InodePairLock(Inode source, Inode target) {
        this.source = source;
        this.target = target;
        Inode first = source.ino() <= target.ino() ? source : target;
        Inode second = first == source ? target : source;
        boolean two = first != second;
        this.firstInode = first.inodeLock().lockExclusive();
        this.secondInode = two ? second.inodeLock().lockExclusive() : null;
        this.firstInvalidate = first.invalidateLock().lockExclusive();
        this.secondInvalidate = two ? second.invalidateLock().lockExclusive() : null;
    }

    Inode source() {
        return source;
    }

    Inode target() {
        return target;
    }

    /** Waits for direct I/O that was submitted before the locks were taken (R2). */
    void drainDirectIo() {
        source.directIo().awaitZero();
        target.directIo().awaitZero();
    }

    /** Keeps all others, too, from changing where the files' blocks lie. */
    WritebackPairLock lockExtents() {
        return new WritebackPairLock(source, target);
    }

    /** Brings what is dirty of both ranges to the device (R3). */
    void writeBack(BlockRangePair range) throws IOException {
        source.writeBack(range.sourceFrom(), range.sourceEnd());
        target.writeBack(range.targetFrom(), range.targetEnd());
    }

    /**
     * Takes writability of both ranges away from memory maps: nothing is stored any more until the locks are given back, and
     * what has been is told of.
     *
     * @throws VfsException EBUSY where an I/O operation stores into a mapped page at this moment
     */
    void takeWritability(BlockRangePair range) throws VfsException {
        boolean taken = source.pages().takeWritability(range.sourceFrom(), range.sourceEnd());
        taken &= target.pages().takeWritability(range.targetFrom(), range.targetEnd());
        if (!taken) {
            throw new VfsException(Errno.EBUSY, "an I/O operation is using mapped memory of the files")
                    .with("source", source.ino())
                    .with("target", target.ino());
        }
    }

    @Override
    public void close() {
        if (secondInvalidate != null) {
            secondInvalidate.close();
        }
        firstInvalidate.close();
        if (secondInode != null) {
            secondInode.close();
        }
        firstInode.close();
    }
}
