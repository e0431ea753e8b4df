package samepage.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/**
 * Keeps freed blocks from being used again while somebody may still read them by an extent looked up earlier (V6).
 *
 * <p>Freed runs come in batches, numbered upwards; a pin holds back the batches that come after it was taken.
 */
final class BlockPins {
    @GuardedBy("this") private final TreeMap<Long, Integer> pinsBySequence = new TreeMap<>();

    @GuardedBy("this") private final Deque<Batch> waiting = new ArrayDeque<>();

    /** Runs that are kept whatever is freed when, and freed runs that touch one of them. */
    @GuardedBy("this") private final List<List<PhysicalRun>> pinnedRuns = new ArrayList<>();

    @GuardedBy("this") private final List<PhysicalRun> keptBack = new ArrayList<>();

    @GuardedBy("this") private long nextSequence;

    private record Batch(long sequence, List<PhysicalRun> runs) {}

    /** From now on no freed block is used again until {@link #unpin} with the answer. */
    synchronized long pin() {
        pinsBySequence.merge(nextSequence, 1, Integer::sum);
        return nextSequence;
    }

    synchronized void unpin(long sequence) {
        pinsBySequence.computeIfPresent(sequence, (s, pins) -> pins == 1 ? null : pins - 1);
    }

    /** From now on none of these blocks, which are in use now, is used again until {@link #unpin(List)} with the same list. */
    synchronized void pin(List<PhysicalRun> runs) {
        pinnedRuns.add(runs);
    }

    @SuppressWarnings("ReferenceEquality") // the pin, not one that pins the same
    synchronized void unpin(List<PhysicalRun> runs) {
        pinnedRuns.removeIf(pinned -> pinned == runs);
        retire(List.copyOf(keptBack)); // those that another pin keeps are kept back again
        keptBack.clear();
    }

    @GuardedBy("this") private boolean isPinned(PhysicalRun freed) {
        return pinnedRuns.stream()
                .flatMap(List::stream)
                .anyMatch(pinned -> pinned.start() < freed.end() && freed.start() < pinned.end());
    }

    /** Blocks that a commit has freed. */
    synchronized void retire(List<PhysicalRun> runs) {
        if (!runs.isEmpty()) {
            waiting.add(new Batch(nextSequence++, runs));
        }
    }

    /** Takes out the runs that no pin holds back any more. */
    synchronized List<PhysicalRun> takeUnpinned() {
        var runs = new ArrayList<PhysicalRun>();
        while (hasUnpinned()) {
            for (PhysicalRun run : waiting.removeFirst().runs) {
                (isPinned(run) ? keptBack : runs).add(run);
            }
        }
        return runs;
    }

    /** Whether there are runs to take out. */
    synchronized boolean hasUnpinned() {
        return !waiting.isEmpty()
                && (pinsBySequence.isEmpty() || waiting.getFirst().sequence < pinsBySequence.firstKey());
    }
}
