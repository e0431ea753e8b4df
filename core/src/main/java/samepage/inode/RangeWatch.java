package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Remembers which blocks of a range change while it is registered with an inode: what a compare without locks has to look
 * at again. The dirty log of a live migration, for a file.
 */
public final class RangeWatch implements AutoCloseable {
    private final Inode inode;
    private final long from;
    private final long to;

    @GuardedBy("this") private BitSet changed = new BitSet();

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

    /** The blocks that have changed since the last call, as runs in order. */
    public synchronized List<BlockRange> takeChanged() {
        var runs = new ArrayList<BlockRange>();
        for (int first = changed.nextSetBit(0); first >= 0; ) {
            int end = changed.nextClearBit(first);
            runs.add(new BlockRange(from + first, from + end));
            first = changed.nextSetBit(end);
        }
        changed = new BitSet();
        return runs;
    }

    /** Stops watching. */
    @Override
    public void close() {
        inode.unwatch(this);
    }
}
