package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * The layout leases on one inode. They have no rank: nobody waits for one with a lock held. Whoever needs them out of the
 * way looks under the inode lock, under which alone they are granted; where one stands he gives the lock back, recalls it,
 * and locks again. From before the recall until then none is granted anew, so that he starts over once at most.
 */
public final class LayoutLeases {
    /** Replaced under the monitor. */
    private volatile List<LayoutLease> leases = List.of();

    @GuardedBy("this") private int holdingOff;

    /** What somebody is about to do with blocks that may be leased. */
    public enum Use {
        /** Read them: only whoever may be writing them is in the way. */
        READ,
        /** Change their content, or where they lie. */
        CHANGE
    }

    /** True where a lease stands in the way. */
    public boolean conflict(long from, long to, Use use) {
        return firstConflict(from, to, use) < to;
    }

    /** The first block of {@code [from, to)} that is leased so that it is in the way, or {@code to}. */
    public long firstConflict(long from, long to, Use use) {
        long first = to;
        for (LayoutLease lease : leases) {
            if (lease.conflicts(from, to, use)) {
                first = Math.min(first, Math.max(from, lease.from()));
            }
        }
        return first;
    }

    /**
     * Has all that are in the way given back: asks their holders, waits until their deadlines, and fences what is left. The
     * caller holds no lock, and holds new ones off.
     */
    public void recall(long from, long to, Use use) {
        List<LayoutLease> conflicting =
                leases.stream().filter(lease -> lease.conflicts(from, to, use)).toList();
        conflicting.forEach(LayoutLease::askBack);
        conflicting.forEach(LayoutLease::awaitGone);
    }

    /** Until the answer is closed no lease is granted. */
    public HoldOff holdOff() {
        synchronized (this) {
            holdingOff++;
        }
        return () -> {
            synchronized (this) {
                holdingOff--;
            }
        };
    }

    /** Ends the time in which no lease is granted. */
    public interface HoldOff extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Registers a lease; the caller holds the inode lock exclusive and has found no conflict.
     *
     * @return false while somebody holds new leases off
     */
    public synchronized boolean grant(LayoutLease lease) {
        if (holdingOff > 0) {
            return false;
        }
        var more = new ArrayList<>(leases);
        more.add(lease);
        leases = List.copyOf(more);
        return true;
    }

    /** The lease is in nobody's way any more. */
    public void gone(LayoutLease lease) {
        synchronized (this) {
            leases = leases.stream().filter(other -> other != lease).toList();
        }
        lease.setGone();
    }
}
