package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;

/**
 * Remembers which blocks of a range change while it is registered with an inode: what a compare without locks has to look
 * at again. The dirty log of a live migration, for a file.
 */
public final class RangeWatch implements AutoCloseable {
    /** A pause is as long as a block takes to be compared many times over, and short beside what a device takes. */
    private static final long PAUSE_NANOS_PER_BLOCK = 50_000;

    private static final long MAX_PAUSE_NANOS = 300_000;

    private final Inode inode;
    private final long from;
    private final long to;

    @GuardedBy("this") private BitSet changed;

    /** As large and empty, for the thread that watches: who marks a change waits for an exchange, not for a walk over bits. */
    private BitSet spare;

    private volatile boolean outpaced;

    /** A run of blocks of a file. */
    public record BlockRange(long from, long to) {}

    RangeWatch(Inode inode, long from, long to) {
        this.inode = inode;
        this.from = from;
        this.to = to;
        this.changed = new BitSet((int) (to - from));
        this.spare = new BitSet((int) (to - from));
    }

    synchronized void mark(long changedFrom, long changedTo) {
        long first = Math.max(from, changedFrom);
        long end = Math.min(to, changedTo);
        if (first < end) {
            changed.set((int) (first - from), (int) (end - from));
        }
    }

    /** Adds the blocks that have changed since the last call, counted from the beginning of the range, to {@code offsets}. For one thread. */
    public void takeChanged(BitSet offsets) {
        BitSet taken = exchange(spare);
        offsets.or(taken);
        taken.clear();
        spare = taken;
    }

    private synchronized BitSet exchange(BitSet empty) {
        BitSet taken = changed;
        changed = empty;
        return taken;
    }

    /**
     * Writers change the range faster than whoever watches it looks at it: from now on, until the watch ends, each pauses a
     * moment before it changes something of it, as the writers of a machine do that is being moved while it runs.
     */
    public void setOutpaced() {
        outpaced = true;
    }

    void pauseWriter(long writtenFrom, long writtenTo) {
        long blocks = Math.min(to, writtenTo) - Math.max(from, writtenFrom);
        if (outpaced && blocks > 0) {
            LockSupport.parkNanos(Math.min(MAX_PAUSE_NANOS, blocks * PAUSE_NANOS_PER_BLOCK));
        }
    }

    /** Stops watching. */
    @Override
    public void close() {
        inode.unwatch(this);
    }
}
