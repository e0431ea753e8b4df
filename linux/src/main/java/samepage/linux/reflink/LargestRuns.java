package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import samepage.dedupe.RangePair;

/** What was shared between which two files, of the pairs with the most. Several threads add. */
final class LargestRuns {
    private static final int KEPT = 64;
    private static final int PRUNED_AT = 16 * KEPT;

    @GuardedBy("this") private final Map<Pair, Long> bytes = new HashMap<>();

    private record Pair(long source, long target) {}

    synchronized void add(RangePair ranges, long sharedBytes) {
        bytes.merge(new Pair(ranges.sourceFile(), ranges.targetFile()), sharedBytes, Long::sum);
        if (bytes.size() > PRUNED_AT) {
            var kept = largest();
            bytes.clear();
            kept.forEach(entry -> bytes.put(entry.getKey(), entry.getValue()));
        }
    }

    /** The largest first; a run stands for all of a pair, whose length is the sum. */
    synchronized List<RangePair> runs() {
        return largest().stream()
                .map(entry -> new RangePair(entry.getKey().source, 0, entry.getKey().target, 0, entry.getValue()))
                .toList();
    }

    @GuardedBy("this") private List<Map.Entry<Pair, Long>> largest() {
        return bytes.entrySet().stream()
                .sorted(Map.Entry.<Pair, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(KEPT)
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
    }
}
