package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RunBatchTest {
    /** Some are short, some are not. */
    private static final long UNIT = RunBatch.SHORT_BYTES / 4;

    /** Runs whose targets lie after each other, in a few files. */
    private static List<RangePair> runs(Random random) {
        var runs = new ArrayList<RangePair>();
        for (long file = 1; file < 6; file++) {
            for (long offset = random.nextInt(5); offset < 100; ) {
                long length = 1L + random.nextInt(9);
                long sourceFile = random.nextLong(file);
                runs.add(new RangePair(sourceFile, random.nextInt(100) * UNIT, file, offset * UNIT, length * UNIT));
                offset += length + random.nextInt(4);
            }
        }
        return runs;
    }

    private static boolean remaps(List<RangePair> runs, long file, long offset, long length) {
        return runs.stream()
                .anyMatch(run ->
                        run.targetFile() == file && run.targetOffset() < offset + length && offset < run.targetEnd());
    }

    @Test
    void remaps_anyRange_asWhenLookingAtEachRun() {
        for (long seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var runs = runs(random);
            var batch = new RunBatch(1000);
            runs.forEach(batch::add);
            for (int i = 0; i < 300; i++) {
                long file = random.nextInt(7);
                long offset = random.nextInt(110) * UNIT;
                long length = (1L + random.nextInt(20)) * UNIT;
                assertThat(batch.remaps(file, offset, length))
                        .as("seed=%d file=%d offset=%d length=%d", seed, file, offset, length)
                        .isEqualTo(remaps(runs, file, offset, length));
            }
        }
    }

    @Test
    void order_eachAfterWhatItDependsOn_longestFirstSideBySide_shortOnesAsFound() {
        boolean sawAll = false;
        for (long seed = 0; seed < 50; seed++) {
            var runs = runs(new Random(seed));
            var batch = new RunBatch(runs.size());
            runs.forEach(batch::add);
            var order = batch.order();
            assertThat(batch.isFull()).isTrue();
            var places = IntStream.range(0, runs.size()).map(order::run).boxed().toList();
            assertThat(places).as("seed=%d", seed).containsExactlyInAnyOrderElementsOf(range(0, runs.size()));

            var first = places.subList(0, order.independentCount());
            var second = places.subList(order.independentCount(), order.sideBySideCount());
            var last = places.subList(order.sideBySideCount(), runs.size());

            for (int i = 0; i < runs.size(); i++) {
                var dependsOn = dependencies(runs, i);
                var expected = dependsOn.isEmpty()
                        ? first
                        : first.containsAll(dependsOn) && Collections.max(dependsOn) < i ? second : last;
                assertThat(expected).as("seed=%d run=%d", seed, i).contains(i);
            }
            assertThat(first).as("seed=%d", seed).isSortedAccordingTo(longestFirst(runs));
            assertThat(second).as("seed=%d", seed).isSortedAccordingTo(longestFirst(runs));
            assertThat(last).as("seed=%d", seed).isSorted();
            sawAll |= !first.isEmpty() && !second.isEmpty() && !last.isEmpty();
        }
        assertThat(sawAll).isTrue();
    }

    private static Comparator<Integer> longestFirst(List<RangePair> runs) {
        return Comparator.<Integer>comparingLong(i -> -lengthThatCounts(runs.get(i)))
                .thenComparing(Comparator.naturalOrder());
    }

    private static long lengthThatCounts(RangePair run) {
        return run.lengthBytes() < RunBatch.SHORT_BYTES ? 0 : run.lengthBytes();
    }

    private static List<Integer> dependencies(List<RangePair> runs, int of) {
        RangePair run = runs.get(of);
        return range(0, runs.size()).stream()
                .filter(i -> remaps(List.of(runs.get(i)), run.sourceFile(), run.sourceOffset(), run.lengthBytes()))
                .toList();
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }
}
