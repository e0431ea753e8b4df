package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;

/**
 * Remembers which blocks of a range change while it is registered with an inode: what a compare without locks has to look
 * at again. The dirty log of a live migration, for a file.
 */
public final class RangeWatch implements AutoCloseable {
    private final Inode inode;
    private final long from;
    private final long to;

    @GuardedBy("this") private final BitSet changed = new BitSet();

    /** A run of blocks of a file. */
    public record BlockRange(long from, long to) {}

    RangeWatch(Inode inode, long from, long to) {
        this.inode = inode;
        this.from = from;
        this.to = to;
    }

    synchronized void mark(long changedFrom, long changedTo) {
        long first = Math.max(from, changedFrom);
        long end = Math.min(to, changedTo);
        if (first < end) {
            changed.set((int) (first - from), (int) (end - from));
        }
    }

    /** Adds the blocks that have changed since the last call, counted from the beginning of the range, to {@code offsets}. */
    public synchronized void takeChanged(BitSet offsets) {
        offsets.or(changed);
        changed.clear();
    }

    /** Stops watching. */
    @Override
    public void close() {
        inode.unwatch(this);
    }
}
