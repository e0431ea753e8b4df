package samepage.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import samepage.block.BlockDevice;

/**
 * Brings blocks to free space: those that a commit has freed, once no pin is older (V6), and those that were free when the
 * volume was opened. Its caller sees to it that {@link #reclaim} and {@link #findFreeRuns} run on one thread, so that
 * whoever waits for that thread finds all there is.
 */
final class Reclamation {
    private final BlockDevice device;
    private final SpaceMap space;
    private final BlockPins pins;

    Reclamation(BlockDevice device, SpaceMap space, BlockPins pins) {
        this.device = device;
        this.space = space;
        this.pins = pins;
    }

    /** Makes freed blocks available again. Discarded first: afterwards they may be written at any moment. */
    void reclaim() {
        List<PhysicalRun> runs = merged(pins.takeUnpinned());
        for (PhysicalRun run : runs) {
            try {
                device.discard(run.start(), run.blockCount());
            } catch (IOException e) {
                // The host keeps the storage for now; the block is as free as before.
                break;
            }
        }
        space.reuse(runs);
    }

    /**
     * What lies between the referenced runs below the high-water mark is free. Looked up beside the first operations: so only
     * what was committed when the volume was opened may count, for what they release must not be used again yet (V6).
     *
     * @param references the runs as they were then
     */
    void findFreeRuns(TableWalk references, long highWater) throws IOException {
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
}
