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
 * <p>Short runs are discarded later: a file that is written here and there frees thousands at each commit, most are written
 * again at once, and each discard takes the host about as long as a write.
 */
final class Reclamation implements AutoCloseable {
    private static final long SHORT_BLOCKS = 16;

    /** Discarded at once: the host keeps who writes to the device waiting meanwhile. */
    private static final long PIECE_BLOCKS = 2048;

    /** More are not kept waiting. */
    private static final int MOST_SHORT_RUNS = 1 << 16;

    private final BlockDevice device;
    private final SpaceMap space;
    private final BlockPins pins = new BlockPins();
    private final BackgroundTasks thread = new BackgroundTasks("samepage-reclaim");

    /** Free, and perhaps taken again by now; for the thread. */
    private final List<PhysicalRun> undiscarded = new ArrayList<>();

    /** Whether short runs have come since somebody looked; for the thread. */
    private boolean haveCome;

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

    /** Waits until all is free that can be by now, on the host too. */
    void settle() {
        thread.execute(this::discardShortRuns);
        thread.settle();
    }

    /** Makes freed blocks available again. Long runs are discarded first: afterwards they may be written at any moment. */
    private void reclaim() {
        List<PhysicalRun> runs = merged(pins.takeUnpinned());
        var shortRuns = new ArrayList<PhysicalRun>();
        for (PhysicalRun run : runs) {
            if (run.blockCount() < SHORT_BLOCKS) {
                shortRuns.add(run);
            } else {
                discard(run);
            }
        }
        space.reuse(runs);
        if (!shortRuns.isEmpty()) {
            undiscarded.addAll(shortRuns);
            haveCome = true;
            if (undiscarded.size() > MOST_SHORT_RUNS) {
                discardShortRuns();
            }
        }
    }

    /** Discards short runs, too, once none has come for two commits of a volume that is written to. */
    void watchForQuiet(Duration commitInterval) {
        thread.repeat(this::discardWhereNoneHaveCome, commitInterval.multipliedBy(2));
    }

    private void discardWhereNoneHaveCome() {
        if (!haveCome) {
            discardShortRuns();
        }
        haveCome = false;
    }

    /** Those that nobody has taken since. */
    private void discardShortRuns() {
        List<PhysicalRun> runs = merged(undiscarded);
        undiscarded.clear();
        for (PhysicalRun run : runs) {
            space.whileFree(run, this::discard);
            Courtesy.giveWay();
        }
    }

    /** The host keeps the storage where it does not take it back: the block is as free as before. */
    private void discard(PhysicalRun run) {
        try {
            for (long from = run.start(); from < run.end(); from += PIECE_BLOCKS) {
                if (from > run.start()) {
                    Courtesy.giveWay();
                }
                device.discard(from, Math.min(PIECE_BLOCKS, run.end() - from));
            }
        } catch (IOException e) {
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

    /** What is left for whoever has closed it. */
    void finish() {
        reclaim();
        discardShortRuns();
    }
}
