package samepage.vfs;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The views that a map has of one kind, by the first block of each; those that have been taken away go when met. */
final class MappedViews {
    private static final int MAX_FAULT_BLOCKS = 512;
    private static final int GROWTH = 4;

    private final ConcurrentSkipListMap<Long, MappedView> byFirstBlock = new ConcurrentSkipListMap<>();
    private final int minFaultBlocks;

    /** Where the last fault ended and how much it was for: a map that is gone through in order faults ever more at once. */
    private volatile Fault last;

    private record Fault(long end, int blocks) {}

    /** The blocks worth mapping at once. */
    record Around(long from, long to) {}

    /** @param minFaultBlocks mapped at once where accesses are scattered */
    MappedViews(int minFaultBlocks) {
        this.minFaultBlocks = minFaultBlocks;
        this.last = new Fault(-1, minFaultBlocks);
    }

    /** The view that covers {@code block}, or null where there is none any more. */
    @Nullable MappedView find(long block) {
        Map.Entry<Long, MappedView> below = byFirstBlock.floorEntry(block);
        if (below == null || !below.getValue().covers(block)) {
            return null;
        }
        if (!below.getValue().isOpen()) {
            byFirstBlock.remove(below.getKey(), below.getValue());
            return null;
        }
        return below.getValue();
    }

    /** What to map for a fault on {@code block}, in the middle of which no view begins. */
    Around around(long block) {
        Fault before = last;
        int blocks = before.end == block ? Math.min(MAX_FAULT_BLOCKS, before.blocks * GROWTH) : minFaultBlocks;
        long from = block / blocks * blocks;
        long to = from + blocks;
        Map.Entry<Long, MappedView> below = byFirstBlock.lowerEntry(block);
        if (below != null && below.getValue().isOpen()) {
            from = Math.max(from, Math.min(block, below.getValue().to()));
        }
        Long above = byFirstBlock.higherKey(block);
        if (above != null) {
            to = Math.min(to, above);
        }
        last = new Fault(to, blocks);
        return new Around(from, to);
    }

    void add(MappedView view) {
        MappedView replaced = byFirstBlock.put(view.from(), view);
        if (replaced != null && replaced.isOpen()) {
            replaced.close().run();
        }
    }

    /** Gives back the views that reach past {@code block}. */
    void closeFrom(long block) {
        for (MappedView view : byFirstBlock.values()) {
            if (view.to() > block && byFirstBlock.remove(view.from(), view) && view.isOpen()) {
                view.close().run();
            }
        }
    }
}
