package samepage.linux.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hash table of counts against a map. */
class LookupCountsTest {
    @Test
    void counts_randomly_areThoseOfAMap() {
        for (long seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            var counts = new LookupCounts();
            var model = new HashMap<Long, Long>();
            for (int step = 0; step < 5000; step++) {
                long ino = 1 + random.nextInt(step < 3000 ? 700 : 40) * (seed % 3 == 0 ? 1L << 20 : 1);
                if (random.nextInt(100) < (step < 2000 ? 70 : 30)) {
                    long more = 1L + random.nextInt(3);
                    assertThat(counts.add(ino, more)).as("seed %d", seed).isEqualTo(model.merge(ino, more, Long::sum));
                } else {
                    long less = 1L + random.nextInt(4);
                    long left = Math.max(0, model.getOrDefault(ino, 0L) - less);
                    model.put(ino, left);
                    assertThat(counts.subtract(ino, less)).as("seed %d", seed).isEqualTo(left);
                }
            }
            model.forEach((ino, count) -> assertThat(counts.get(ino)).isEqualTo(count));
        }
    }
}
