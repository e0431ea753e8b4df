package samepage.volume;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import samepage.block.BlockDevice;
import samepage.lock.Courtesy;

/**
 * Brings blocks to free space: those that a commit has freed, once no pin is older (V6), and those that were free when the
 * volume was opened. Both happen on one thread, so that whoever waits for it finds all there is; and not on that of the
 * commits, which must not wait until the host has taken back thousands of blocks.
 *
 * <p>The host gets their storage back by a discard, which costs it as much for one block as for thousands. So long runs are
 * discarded before they are free; of short ones, that a file written here and there frees all the time, blocks may be used
 * again at once, and what is free of them still, and has grown together, is discarded later.
 */
final class Reclamation implements AutoCloseable {
    /** Discarded at once: the host keeps who writes to the device waiting meanwhile. */
    private static final long PIECE_BLOCKS = 2048;

    /** Shorter runs are discarded only where nothing is freed for a while, or they are many. */
    private static final long LONG_RUN_BLOCKS = 64;

    /** So much storage may the host be kept from getting back. */
    private static final long MANY_UNDISCARDED_BLOCKS = 1 << 16;

    private final BlockDevice device;
    private final SpaceMap space;
    private final BlockPins pins = new BlockPins();
    private final BackgroundTasks thread = new BackgroundTasks("samepage-reclaim");

    /** Of the thread; and of whoever closes, after it. */
    private final UndiscardedRuns undiscarded = new UndiscardedRuns();

    /** Whether blocks have come to be free since the thread looked last. */
    private boolean isBusy;

    Reclamation(BlockDevice device, SpaceMap space) {
        this.device = device;
        this.space = space;
    }

    /** See {@link Volume#pin()}. */
    BlockPin pin() {
        long sequence = pins.pin();
        return () -> {
            pins.unpin(sequence);
            reclaimSoon();
        };
    }

    /** See {@link Volume#pin(List)}. */
    BlockPin pin(List<PhysicalRun> runs) {
        List<PhysicalRun> pinned = List.copyOf(runs);
        pins.pin(pinned);
        return () -> {
            pins.unpin(pinned);
            reclaimSoon();
        };
    }

    /** Blocks that a commit has freed. */
    void retire(List<PhysicalRun> freed) {
        pins.retire(freed);
        reclaimSoon();
    }

    private void reclaimSoon() {
        if (pins.hasUnpinned()) {
            thread.execute(this::reclaim);
        }
    }

    /** From now on looks after short runs once in that time. */
    void repeat(Duration interval) {
        thread.repeat(this::discardNowAndThen, interval);
    }

    /** Waits until all is free and discarded that can be by now. */
    void settle() {
        thread.execute(this::discardAll);
        thread.settle();
    }

    /** Makes freed blocks available again. */
    private void reclaim() {
        List<PhysicalRun> runs = merged(pins.takeUnpinned());
        for (PhysicalRun run : runs) {
            if (run.blockCount() < LONG_RUN_BLOCKS) {
                undiscarded.add(run);
            } else {
                discard(run); // first: afterwards it may be written at any moment
            }
        }
        space.reuse(runs);
        isBusy |= !runs.isEmpty();
    }

    private void discardNowAndThen() {
        boolean all = !isBusy || undiscarded.blockCount() > MANY_UNDISCARDED_BLOCKS;
        discardFree(undiscarded.takeFrom(all ? 1 : LONG_RUN_BLOCKS));
        isBusy = false;
    }

    private void discardAll() {
        reclaim();
        discardFree(undiscarded.takeFrom(1));
    }

    /** Discards what is free of the runs; nobody is given it meanwhile. */
    private void discardFree(List<PhysicalRun> runs) {
        for (PhysicalRun run : runs) {
            List<PhysicalRun> free = space.takeFree(run);
            free.forEach(this::discard);
            space.reuse(free);
        }
    }

    private void discard(PhysicalRun run) {
        try {
            for (long from = run.start(); from < run.end(); from += PIECE_BLOCKS) {
                device.discard(from, Math.min(PIECE_BLOCKS, run.end() - from));
                Courtesy.giveWay();
            }
        } catch (IOException e) {
            // The host keeps the storage for now; the block is as free as before.
            return;
        }
    }

    /**
     * What lies between the referenced runs below the high-water mark is free. Looked up beside the first operations: so only
     * what is committed now, when the volume is opened, may count, for what they release must not be used again yet (V6).
     */
    void findFreeRuns(MetadataStore store, long highWater, Consumer<Throwable> whenUnreadable) throws IOException {
        var committed = new CommittedRecords(store);
        TableWalk references = committed.walk(RecordKey.REFERENCES);
        thread.execute(() -> {
            try (committed) {
                findFreeRuns(references, highWater);
            } catch (IOException | RuntimeException e) {
                whenUnreadable.accept(e);
            }
        });
    }

    private void findFreeRuns(TableWalk references, long highWater) throws IOException {
        long position = 1;
        for (; !references.isAtEnd(); references.advance()) {
            var counted = SpaceMap.Counted.decode(references.key(), references.value());
            foundFree(position, counted.start());
            position = Math.max(position, counted.end());
        }
        foundFree(position, highWater);
    }

    private void foundFree(long start, long end) {
        if (start < end) {
            space.foundFree(new PhysicalRun(start, end - start));
        }
    }

    private static List<PhysicalRun> merged(List<PhysicalRun> runs) {
        var sorted = new ArrayList<>(runs);
        sorted.sort(Comparator.comparingLong(PhysicalRun::start));
        var merged = new ArrayList<PhysicalRun>();
        for (PhysicalRun run : sorted) {
            if (!merged.isEmpty() && merged.getLast().end() == run.start()) {
                PhysicalRun left = merged.removeLast();
                merged.add(new PhysicalRun(left.start(), left.blockCount() + run.blockCount()));
            } else {
                merged.add(run);
            }
        }
        return merged;
    }

    /** Ends the thread, when it has done what it is at. */
    @Override
    public void close() {
        thread.close();
    }

    /** The same, and does what is left to do. */
    void finish() {
        close();
        discardAll();
    }
}
