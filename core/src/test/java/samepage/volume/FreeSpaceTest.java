package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeSpaceTest {
    private static final int LIMIT = 500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void takeAndAdd_inRandomOrder_keepEachBlockInOneHand(long seed) {
        var random = new Random(seed);
        var free = new FreeSpace(1, LIMIT);
        var taken = new BitSet();
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(100) < 55) {
                int wanted = 1 + random.nextInt(random.nextBoolean() ? 4 : 60);
                PhysicalRun run = free.take(wanted);
                assertThat(run.blockCount()).isLessThanOrEqualTo(wanted);
                if (run.blockCount() == 0) {
                    assertThat(taken.cardinality()).isEqualTo(LIMIT - 1);
                } else {
                    assertThat(run.start()).isGreaterThanOrEqualTo(1);
                    assertThat(run.end()).isLessThanOrEqualTo(LIMIT);
                    assertThat(taken.nextSetBit((int) run.start()) < 0
                                    || taken.nextSetBit((int) run.start()) >= run.end())
                            .isTrue();
                    taken.set((int) run.start(), (int) run.end());
                }
            } else if (random.nextInt(10) == 0) {
                takeWithinAndGiveBack(free, taken, random);
            } else {
                int start = taken.nextSetBit(random.nextInt(LIMIT));
                if (start > 0) {
                    int end = Math.min(taken.nextClearBit(start), start + 1 + random.nextInt(40));
                    taken.clear(start, end);
                    free.add(new PhysicalRun(start, end - start));
                }
            }
            assertThat(free.freeBlocks()).isEqualTo(LIMIT - 1 - taken.cardinality());
            assertThat(free.highWater()).isGreaterThanOrEqualTo(taken.length());
        }
        verifyRuns(free, taken);
    }

    /** Takes what is free of a range below the mark, no more and no less. */
    private static void takeWithinAndGiveBack(FreeSpace free, BitSet taken, Random random) {
        int from = random.nextInt(1, (int) free.highWater() + 1);
        int to = Math.min((int) free.highWater(), from + 1 + random.nextInt(50));
        if (from >= to) {
            return;
        }
        var within = new BitSet();
        long before = free.freeBlocks();
        var runs = free.takeWithin(new PhysicalRun(from, to - from));
        runs.forEach(run -> within.set((int) run.start(), (int) run.end()));
        var expected = new BitSet();
        expected.set(from, to);
        expected.andNot(taken);
        assertThat(within).isEqualTo(expected);
        assertThat(free.freeBlocks()).isEqualTo(before - expected.cardinality());
        runs.forEach(free::add);
    }

    private static void verifyRuns(FreeSpace free, BitSet taken) {
        long previousEnd = -1;
        var covered = new BitSet();
        long[] runs = free.runs();
        for (int i = 0; i < runs.length; i += 2) {
            assertThat(runs[i]).as("neighbours are joined").isGreaterThan(previousEnd);
            covered.set((int) runs[i], (int) runs[i + 1]);
            previousEnd = runs[i + 1];
        }
        assertThat(covered.intersects(taken)).isFalse();
        assertThat(covered.cardinality()).isEqualTo((int) free.freeBelowHighWater());
        assertThat(covered.cardinality() + taken.cardinality()).isEqualTo((int) free.highWater() - 1);
    }

    @Test
    void add_ofABlockThatIsFree_isRefused() {
        var free = new FreeSpace(100, LIMIT);
        free.add(new PhysicalRun(10, 10));

        assertThatThrownBy(() -> free.add(new PhysicalRun(15, 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> free.add(new PhysicalRun(5, 6))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> free.add(new PhysicalRun(10, 10))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> free.add(new PhysicalRun(5, 50))).isInstanceOf(IllegalStateException.class);
        assertThat(free.freeBlocks()).isEqualTo(10 + LIMIT - 100);
    }

    @Test
    void take_oneAfterTheOther_givesNeighbours() {
        var free = new FreeSpace(1, LIMIT);

        assertThat(free.take(5)).isEqualTo(new PhysicalRun(1, 5));
        assertThat(free.take(7)).isEqualTo(new PhysicalRun(6, 7));
    }

    @Test
    void take_noRunIsLongEnoughAndTheDeviceEnds_givesWhatThereIs() {
        var free = new FreeSpace(20, 20);
        free.add(new PhysicalRun(3, 2));
        free.add(new PhysicalRun(8, 4));

        assertThat(free.take(10)).isEqualTo(new PhysicalRun(8, 4));
        assertThat(free.take(10)).isEqualTo(new PhysicalRun(3, 2));
        assertThat(free.take(10).blockCount()).isZero();
    }
}
