package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InodeSetTest {
    @Test
    void next_fromOneToTheOther_givesAllInOrder() {
        var random = new Random(9);
        var expected = new TreeSet<Long>();
        var set = new InodeSet();
        for (int i = 0; i < 5000; i++) {
            long ino = i % 3 == 0 ? random.nextLong(1L << 50) : 65_500 + random.nextInt(1000);
            assertThat(set.add(ino)).isEqualTo(expected.add(ino));
        }
        var found = new ArrayList<Long>();
        for (long ino = set.next(0); ino >= 0; ino = set.next(ino + 1)) {
            found.add(ino);
        }
        assertThat(found).containsExactlyElementsOf(expected);
        assertThat(set.size()).isEqualTo(expected.size());
    }
}
