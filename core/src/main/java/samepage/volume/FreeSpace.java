package samepage.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which blocks may be written: free runs known, and everything from the high-water mark on. Guarded by the allocation
 * lock of its owner.
 *
 * <p>Next fit, so that what is written one after the other lies side by side. A run shorter than the request is taken only
 * where a good part of the device below the mark is free: else the mark moves, which costs a sparse file nothing.
 */
final class FreeSpace {
    private static final int CANDIDATES = 64;
    private static final long MANY_FREE_BLOCKS = 1 << 18;

    private final TreeMap<Long, Long> lengthByStart = new TreeMap<>();
    private final long limit;
    private long freeBlocks;
    private long highWater;
    private long cursor;

    /** Blocks from {@code highWater} to {@code limit} have never been used. */
    FreeSpace(long highWater, long limit) {
        this.highWater = highWater;
        this.limit = limit;
        this.cursor = highWater;
    }

    long highWater() {
        return highWater;
    }

    /** The free runs below the mark, upwards: the start of each, then its end. */
    long[] runs() {
        long[] runs = new long[2 * lengthByStart.size()];
        int at = 0;
        for (var run : lengthByStart.entrySet()) {
            runs[at++] = run.getKey();
            runs[at++] = run.getKey() + run.getValue();
        }
        return runs;
    }

    /** Blocks in the free runs below the mark. */
    long freeBelowHighWater() {
        return freeBlocks;
    }

    /** Blocks that are free, those never used included. */
    long freeBlocks() {
        return freeBlocks + (limit - highWater);
    }

    void add(PhysicalRun run) {
        long start = run.start();
        long end = run.end();
        Map.Entry<Long, Long> left = lengthByStart.floorEntry(start);
        Map.Entry<Long, Long> right = lengthByStart.ceilingEntry(start);
        if ((left != null && left.getKey() + left.getValue() > start) || (right != null && right.getKey() < end)) {
            throw new IllegalStateException("block freed twice: " + run);
        }
        if (left != null && left.getKey() + left.getValue() == start) {
            start = left.getKey();
        }
        Long rightLength = lengthByStart.remove(end);
        if (rightLength != null) {
            end += rightLength;
        }
        lengthByStart.put(start, end - start);
        freeBlocks += run.blockCount();
    }

    /** Takes at most {@code wanted} neighbouring blocks, as many as it reasonably can; an empty run where none is left. */
    PhysicalRun take(long wanted) {
        Map.Entry<Long, Long> found = search(wanted);
        if (found == null) {
            long count = Math.min(wanted, limit - highWater);
            if (count > 0) {
                var run = new PhysicalRun(highWater, count);
                highWater += count;
                return run;
            }
            found = longestOfSome();
            if (found == null) {
                return new PhysicalRun(0, 0);
            }
        }
        return takeFrom(found.getKey(), found.getValue(), wanted);
    }

    /** Takes all free blocks of a run below the mark. */
    List<PhysicalRun> takeWithin(PhysicalRun range) {
        var taken = new ArrayList<PhysicalRun>();
        Map.Entry<Long, Long> entry = lengthByStart.lowerEntry(range.end());
        while (entry != null && entry.getKey() + entry.getValue() > range.start()) {
            long end = entry.getKey() + entry.getValue();
            long from = Math.max(entry.getKey(), range.start());
            long to = Math.min(end, range.end());
            cut(entry.getKey(), end, from, to);
            taken.add(new PhysicalRun(from, to - from));
            entry = lengthByStart.lowerEntry(from);
        }
        return taken;
    }

    private void cut(long start, long end, long from, long to) {
        lengthByStart.remove(start);
        if (start < from) {
            lengthByStart.put(start, from - start);
        }
        if (to < end) {
            lengthByStart.put(to, end - to);
        }
        freeBlocks -= to - from;
    }

    private Map.@org.jspecify.annotations.Nullable Entry<Long, Long> search(long wanted) {
        boolean manyFree = freeBlocks > MANY_FREE_BLOCKS && freeBlocks > highWater / 4;
        Map.Entry<Long, Long> entry = lengthByStart.ceilingEntry(cursor);
        for (int i = 0; i < CANDIDATES && !lengthByStart.isEmpty(); i++) {
            if (entry == null) {
                entry = lengthByStart.firstEntry();
            }
            if (entry.getValue() >= wanted || manyFree) {
                return entry;
            }
            entry = lengthByStart.higherEntry(entry.getKey());
        }
        return null;
    }

    private Map.@org.jspecify.annotations.Nullable Entry<Long, Long> longestOfSome() {
        Map.Entry<Long, Long> longest = null;
        int seen = 0;
        for (var entry : lengthByStart.entrySet()) {
            if (longest == null || entry.getValue() > longest.getValue()) {
                longest = Map.entry(entry.getKey(), entry.getValue());
            }
            if (++seen == CANDIDATES) {
                break;
            }
        }
        return longest;
    }

    private PhysicalRun takeFrom(long start, long length, long wanted) {
        long count = Math.min(wanted, length);
        cut(start, start + length, start, start + count);
        cursor = start + count;
        return new PhysicalRun(start, count);
    }
}
