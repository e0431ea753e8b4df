package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class HandedOnTest {
    @Test
    void add_anyInodes_saysWhichAreNew() {
        var random = new Random(1);
        var handedOn = new HandedOn(Integer.MAX_VALUE);
        var model = new HashSet<List<Long>>();
        for (int i = 0; i < 100_000; i++) {
            long subvolume = random.nextInt(3);
            long inode = random.nextInt(4) == 0 ? random.nextLong() >>> 1 : random.nextInt(50_000);
            assertThat(handedOn.add(subvolume, inode)).isEqualTo(model.add(List.of(subvolume, inode)));
        }
    }

    @Test
    void add_moreGroupsThanThereIsRoomFor_stillKnowsThoseThatFoundIt() {
        var handedOn = new HandedOn(1000);
        for (long inode = 0; inode < 2000; inode++) {
            assertThat(handedOn.add(0, 64 * inode)).isTrue();
        }
        for (long inode = 0; inode < 2000; inode++) {
            assertThat(handedOn.add(0, 64 * inode)).isEqualTo(inode >= 1000);
        }
    }
}
