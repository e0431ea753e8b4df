package samepage.pagecache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The memory of pages, off the heap, in runs of a power of two of blocks: a buddy allocator over regions of the greatest
 * run. The regions within the budget stay; one beyond it, made where a page is needed and none can be evicted, is given
 * back when it is empty.
 */
final class PageFrames {
    private static final int REGION_BYTES = 2 << 20;

    private final Function<Arena, SegmentAllocator> memory;
    private final int blockSize;
    private final int maxOrder;
    private final int budgetRegions;

    @GuardedBy("this") private final List<@Nullable Region> regions = new ArrayList<>();

    /** For each order the free runs, by the number of their first block divided by the run's length. */
    @GuardedBy("this") private final BitSet[] freeByOrder;

    @GuardedBy("this") private int regionCount;

    private record Region(Arena arena, MemorySegment memory) {}

    /** A run of {@code 1 << order} blocks of memory. */
    record Frame(int firstBlock, int order, MemorySegment memory) {}

    /** @param memory allocates what is freed with the arena */
    PageFrames(int blockSize, long budgetBytes, Function<Arena, SegmentAllocator> memory) {
        this.memory = memory;
        this.blockSize = blockSize;
        this.maxOrder = Integer.numberOfTrailingZeros(Math.max(1, REGION_BYTES / blockSize));
        this.budgetRegions = (int) Math.max(2, budgetBytes / REGION_BYTES);
        this.freeByOrder = new BitSet[maxOrder + 1];
        for (int order = 0; order <= maxOrder; order++) {
            freeByOrder[order] = new BitSet();
        }
    }

    /** The order of the greatest run. */
    int maxOrder() {
        return maxOrder;
    }

    /** A run within the budget, or null where there is none of that length. */
    synchronized @Nullable Frame take(int order) {
        Frame frame = takeFree(order);
        if (frame == null && regionCount < budgetRegions) {
            addRegion();
            frame = takeFree(order);
        }
        return frame;
    }

    /** A run, beyond the budget where need be. */
    synchronized Frame takeBeyondBudget(int order) {
        Frame frame = take(order);
        if (frame == null) {
            addRegion();
            frame = takeFree(order);
        }
        return java.util.Objects.requireNonNull(frame);
    }

    synchronized void give(Frame frame) {
        int order = frame.order;
        int number = frame.firstBlock >> order;
        while (order < maxOrder && freeByOrder[order].get(number ^ 1)) {
            freeByOrder[order].clear(number ^ 1);
            number >>= 1;
            order++;
        }
        if (order == maxOrder && regionCount > budgetRegions) {
            removeRegion(number);
        } else {
            freeByOrder[order].set(number);
        }
    }

    synchronized void close() {
        for (int i = 0; i < regions.size(); i++) {
            if (regions.get(i) != null) {
                removeRegion(i);
            }
        }
    }

    @GuardedBy("this") private @Nullable Frame takeFree(int order) {
        int found = order;
        while (found <= maxOrder && freeByOrder[found].isEmpty()) {
            found++;
        }
        if (found > maxOrder) {
            return null;
        }
        int number = freeByOrder[found].nextSetBit(0);
        freeByOrder[found].clear(number);
        while (found > order) {
            found--;
            number <<= 1;
            freeByOrder[found].set(number + 1);
        }
        int firstBlock = number << order;
        Region region = java.util.Objects.requireNonNull(regions.get(firstBlock >> maxOrder));
        long offsetBytes = (long) (firstBlock & ((1 << maxOrder) - 1)) * blockSize;
        return new Frame(firstBlock, order, region.memory.asSlice(offsetBytes, (long) blockSize << order));
    }

    @GuardedBy("this") @SuppressWarnings("MustBeClosedChecker") // closed with its region
    private void addRegion() {
        Arena arena = Arena.ofShared();
        long bytes = (long) blockSize << maxOrder;
        var region = new Region(arena, memory.apply(arena).allocate(bytes, Math.max(4096, blockSize)));
        int slot = regions.indexOf(null);
        if (slot < 0) {
            slot = regions.size();
            regions.add(region);
        } else {
            regions.set(slot, region);
        }
        regionCount++;
        freeByOrder[maxOrder].set(slot);
    }

    @GuardedBy("this") private void removeRegion(int slot) {
        Region region = java.util.Objects.requireNonNull(regions.get(slot));
        regions.set(slot, null);
        regionCount--;
        region.arena.close();
    }
}
