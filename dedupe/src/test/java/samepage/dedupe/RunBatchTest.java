package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunBatchTest {
    /** Runs whose targets lie after each other, in a few files. */
    private static List<RangePair> runs(Random random) {
        var runs = new ArrayList<RangePair>();
        for (long file = 1; file < 6; file++) {
            for (long offset = random.nextInt(5); offset < 100; ) {
                long length = 1L + random.nextInt(9);
                long sourceFile = random.nextLong(file);
                runs.add(new RangePair(sourceFile, random.nextInt(100), file, offset, length));
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
                long offset = random.nextInt(110);
                long length = 1L + random.nextInt(20);
                assertThat(batch.remaps(file, offset, length))
                        .as("seed=%d file=%d offset=%d length=%d", seed, file, offset, length)
                        .isEqualTo(remaps(runs, file, offset, length));
            }
        }
    }

    @Test
    void order_longestFirst_dependentOnesLastAsFound() {
        for (long seed = 0; seed < 50; seed++) {
            var runs = runs(new Random(seed));
            var batch = new RunBatch(runs.size());
            runs.forEach(batch::add);
            var order = batch.order();
            assertThat(batch.isFull()).isTrue();
            long lengthBefore = Long.MAX_VALUE;
            int before = -1;
            var seen = new ArrayList<Integer>();
            for (int place = 0; place < runs.size(); place++) {
                RangePair run = batch.get(order.run(place));
                seen.add(order.run(place));
                boolean independent = !remaps(runs, run.sourceFile(), run.sourceOffset(), run.lengthBytes());
                assertThat(independent).as("seed=%d", seed).isEqualTo(place < order.independentCount());
                if (independent) {
                    assertThat(run.lengthBytes()).as("seed=%d", seed).isLessThanOrEqualTo(lengthBefore);
                    lengthBefore = run.lengthBytes();
                } else {
                    assertThat(order.run(place)).as("seed=%d", seed).isGreaterThan(before);
                    before = order.run(place);
                }
            }
            assertThat(seen).doesNotHaveDuplicates();
        }
    }
}
