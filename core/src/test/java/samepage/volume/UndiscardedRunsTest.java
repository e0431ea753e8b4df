package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UndiscardedRunsTest {
    private static final int BLOCKS = 300;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void addAndTake_inRandomOrder_givesEachBlockOnceInTheLongestRuns(long seed) {
        var random = new Random(seed);
        var runs = new UndiscardedRuns();
        var expected = new BitSet();
        for (int i = 0; i < 5_000; i++) {
            if (random.nextInt(20) > 0) {
                int start = random.nextInt(BLOCKS);
                int count = 1 + random.nextInt(6);
                runs.add(new PhysicalRun(start, count));
                expected.set(start, start + count);
            } else {
                take(runs, expected, 1 + random.nextInt(20));
            }
            assertThat(runs.blockCount()).isEqualTo(expected.cardinality());
        }
        take(runs, expected, 1);
        assertThat(expected.isEmpty()).isTrue();
    }

    private static void take(UndiscardedRuns runs, BitSet expected, int atLeast) {
        var taken = runs.takeFrom(atLeast).iterator();
        for (int start = expected.nextSetBit(0); start >= 0; ) {
            int end = expected.nextClearBit(start);
            if (end - start >= atLeast) {
                assertThat(taken.next()).isEqualTo(new PhysicalRun(start, end - start));
                expected.clear(start, end);
            }
            start = expected.nextSetBit(end);
        }
        assertThat(taken.hasNext()).isFalse();
    }
}
