package samepage.pagecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockSetTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 32, 63, 64, 128, 512})
    void changesAndLooks_inRandomOrder_areThoseOfAPlainSet(int size) {
        var random = new Random(size);
        var set = new BlockSet(size);
        var expected = new BitSet();
        for (int i = 0; i < 5000; i++) {
            int from = random.nextInt(size + 1);
            int to = from + random.nextInt(size - from + 1);
            if (random.nextBoolean()) {
                set.add(from, to);
                expected.set(from, to);
            } else {
                set.remove(from, to);
                expected.clear(from, to);
            }
            int at = random.nextInt(size);
            assertThat(set.contains(at)).isEqualTo(expected.get(at));
            assertThat(set.count(from, to)).isEqualTo(expected.get(from, to).cardinality());
            assertThat(set.isEmpty()).isEqualTo(expected.isEmpty());
            int next = expected.nextSetBit(from);
            assertThat(set.next(from)).isEqualTo(next < 0 ? size : next);
            assertThat(set.nextAbsent(from)).isEqualTo(Math.min(size, expected.nextClearBit(from)));
        }
    }
}
