package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunCountsTest {
    private static final int BLOCKS = 300;

    @Test
    void forEach_randomRuns_countsAsAnArrayDoes() throws IOException {
        for (var seed = 0; seed < 200; seed++) {
            assertCountsAsAnArrayDoes(seed, new Random(seed).nextInt(3000));
        }
    }

    private static void assertCountsAsAnArrayDoes(long seed, int runs) throws IOException {
        var random = new Random(seed);
        var counts = new RunCounts();
        var expected = new long[BLOCKS];
        for (var run = 0; run < runs; run++) {
            var start = random.nextInt(BLOCKS - 1);
            var length = 1 + random.nextInt(Math.min(20, BLOCKS - start));
            counts.add(start, length);
            for (var block = start; block < start + length; block++) {
                expected[block]++;
            }
        }

        var actual = new long[BLOCKS];
        counts.forEach((start, length, references) -> {
            for (var block = start; block < start + length; block++) {
                assertThat(actual[(int) block]).isZero();
                actual[(int) block] = references;
            }
        });

        assertThat(actual).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void forEach_neighbouringRuns_areOne() throws IOException {
        var counts = new RunCounts();
        for (var run = 0; run < 100_000; run++) {
            counts.add(10L * run, 10);
        }

        List<Long> visited = new ArrayList<>();
        counts.forEach((start, length, references) -> visited.addAll(List.of(start, length, references)));

        assertThat(visited).containsExactly(0L, 1_000_000L, 1L);
    }
}
