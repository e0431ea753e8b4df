package samepage.volume;

import java.io.IOException;
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
 */
final class Reclamation implements AutoCloseable {
    /** Discarded at once: the host keeps who writes to the device waiting meanwhile. */
    private static final long PIECE_BLOCKS = 2048;

    private final BlockDevice device;
    private final SpaceMap space;
    private final BlockPins pins = new BlockPins();
    private final BackgroundTasks thread = new BackgroundTasks("samepage-reclaim");

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

    /** Waits until all is free that can be by now. */
    void settle() {
        thread.settle();
    }

    /** Makes freed blocks available again. Discarded first: afterwards they may be written at any moment. */
    void reclaim() {
        List<PhysicalRun> runs = merged(pins.takeUnpinned());
        for (PhysicalRun run : runs) {
            try {
                for (long from = run.start(); from < run.end(); from += PIECE_BLOCKS) {
                    device.discard(from, Math.min(PIECE_BLOCKS, run.end() - from));
                    Courtesy.giveWay();
                }
            } catch (IOException e) {
                // The host keeps the storage for now; the block is as free as before.
                break;
            }
        }
        space.reuse(runs);
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
}
