package samepage.vfs;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The views that a map has of one kind: a page table of two levels, in which a view stands at every block that it covers.
 * Finding one takes no lock; one that has been taken away is as good as none.
 */
final class MappedViews {
    /** Blocks that a table covers: no view is of more, nor crosses from one table to the next. */
    private static final int TABLE_BLOCKS = 512;

    private static final int GROWTH = 4;

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable MappedView>> tables;
    private final long firstTable;
    private final int minFaultBlocks;

    /** Where the last fault ended and how much it was for: a map that is gone through in order faults ever more at once. */
    private volatile Fault last;

    private record Fault(long end, int blocks) {}

    /** The blocks worth mapping at once. */
    record Around(long from, long to) {}

    /**
     * Views of blocks {@code [from, to)}.
     *
     * @param minFaultBlocks mapped at once where accesses are scattered; a power of two
     */
    MappedViews(long from, long to, int minFaultBlocks) {
        this.firstTable = from / TABLE_BLOCKS;
        this.tables = new AtomicReferenceArray<>((int) ((to - 1) / TABLE_BLOCKS - firstTable + 1));
        this.minFaultBlocks = minFaultBlocks;
        this.last = new Fault(-1, minFaultBlocks);
    }

    /** The view that covers {@code block}, or null where there is none any more. */
    @Nullable MappedView find(long block) {
        var table = tables.get((int) (block / TABLE_BLOCKS - firstTable));
        MappedView view = table == null ? null : table.get((int) (block % TABLE_BLOCKS));
        return view != null && view.isOpen() ? view : null;
    }

    /** What to map for a fault on {@code block}: a power of two of blocks, less where there are views already. */
    Around around(long block) {
        Fault before = last;
        int blocks = before.end == block ? Math.min(TABLE_BLOCKS, before.blocks * GROWTH) : minFaultBlocks;
        long from = block;
        while (from > block / blocks * blocks && find(from - 1) == null) {
            from--;
        }
        long to = block + 1;
        while (to < (block / blocks + 1) * blocks && find(to) == null) {
            to++;
        }
        last = new Fault(to, blocks);
        return new Around(from, to);
    }

    /** Two threads may have faulted at once: views that it replaces in part or whole are closed. */
    @SuppressWarnings("ReferenceEquality") // the view itself, met again at its next block
    synchronized void add(MappedView view) {
        var table = table((int) (view.from() / TABLE_BLOCKS - firstTable));
        for (long block = view.from(); block < view.to(); block++) {
            MappedView replaced = table.getAndSet((int) (block % TABLE_BLOCKS), view);
            if (replaced != null && replaced != view && replaced.isOpen()) {
                replaced.close().run();
            }
        }
    }

    private AtomicReferenceArray<@Nullable MappedView> table(int index) {
        var table = tables.get(index);
        if (table == null) {
            table = new AtomicReferenceArray<>(TABLE_BLOCKS);
            tables.set(index, table);
        }
        return table;
    }

    /** Gives back the views that reach past {@code block}. */
    synchronized void closeFrom(long block) {
        for (int index = (int) Math.max(0, block / TABLE_BLOCKS - firstTable); index < tables.length(); index++) {
            var table = tables.get(index);
            for (int slot = 0; table != null && slot < TABLE_BLOCKS; slot++) {
                MappedView view = table.get(slot);
                if (view != null && view.to() > block) {
                    table.set(slot, null);
                    if (view.isOpen()) {
                        view.close().run();
                    }
                }
            }
        }
    }
}
