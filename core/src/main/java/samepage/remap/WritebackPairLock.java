package samepage.remap;

import org.jspecify.annotations.Nullable;
import samepage.inode.Inode;
import samepage.lock.RankedLock;

/**
 * The proof that the writeback locks of both files of a request are held, taken in inode order, a file with itself once:
 * nobody else changes where their blocks lie, and who has changed it has noted it (R1).
 */
final class WritebackPairLock implements PairLock {
    private final Inode source;
    private final Inode target;
    private final RankedLock.Held first;
    private final RankedLock.@Nullable Held second;

    WritebackPairLock(Inode source, Inode target) {
        this.source = source;
        this.target = target;
        Inode lower = source.ino() <= target.ino() ? source : target;
        Inode higher = lower == source ? target : source;
        this.first = lower.writebackLock().lockExclusive();
        this.second = lower != higher ? higher.writebackLock().lockExclusive() : null;
    }

    Inode source() {
        return source;
    }

    Inode target() {
        return target;
    }

    @Override
    public void close() {
        if (second != null) {
            second.close();
        }
        first.close();
    }
}
