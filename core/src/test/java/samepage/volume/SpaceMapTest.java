package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.errno.VfsException;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

class SpaceMapTest {
    private static final int BLOCKS = 64;

    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final TransactionLog log = new TransactionLog(store);
    private final SpaceMap space =
            new SpaceMap(log, new RankedLock(LockRank.ALLOCATION), new SpaceUsage(0, 0, 0, 0), 1, 1 << 20);

    /** Every answer against a plain count a block, in all layers: stored, being committed, running. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void referencesAndReleases_inRandomOrder_countAsAPlainArrayDoes(long seed) throws IOException {
        var random = new Random(seed);
        var expected = new int[BLOCKS];
        space.allocate(BLOCKS);
        for (int i = 0; i < 3000; i++) {
            var runs = new ArrayList<PhysicalRun>();
            var times = new int[BLOCKS];
            for (int more = random.nextInt(3); more >= 0; more--) {
                int start = 1 + random.nextInt(BLOCKS - 1);
                int length = 1 + random.nextInt(Math.min(BLOCKS - start, random.nextBoolean() ? 3 : BLOCKS));
                runs.add(new PhysicalRun(start, length));
                for (int block = start; block < start + length; block++) {
                    times[block]++;
                }
            }
            boolean mapped = true;
            for (int block = 0; block < BLOCKS; block++) {
                mapped &= expected[block] >= times[block];
            }
            int by = mapped && random.nextBoolean() ? -1 : 1;
            if (by > 0) {
                space.reference(log.running(), runs);
            } else {
                space.release(log.running(), runs);
            }
            for (int block = 0; block < BLOCKS; block++) {
                expected[block] += by * times[block];
            }
            if (random.nextInt(20) == 0) {
                log.commit(log.running().sequence, new NoSteps());
            }
            verify(expected, "seed " + seed + " step " + i);
        }
    }

    private void verify(int[] expected, String where) throws IOException {
        var counted = new int[BLOCKS];
        long previousEnd = 0;
        long previousReferences = 0;
        for (SpaceMap.Counted run : space.counts(new PhysicalRun(0, BLOCKS))) {
            assertThat(run.start()).as(where).isGreaterThanOrEqualTo(previousEnd);
            assertThat(run.start() == previousEnd && run.references() == previousReferences)
                    .as(where + ": neighbours of one count are one record, at " + run)
                    .isFalse();
            previousEnd = run.end();
            previousReferences = run.references();
            for (long block = run.start(); block < run.end(); block++) {
                counted[(int) block] = (int) run.references();
            }
        }
        assertThat(counted).as(where).isEqualTo(expected);
        long stored = 0;
        long mapped = 0;
        long shared = 0;
        for (int references : expected) {
            stored += references > 0 ? 1 : 0;
            mapped += references;
            shared += references > 1 ? 1 : 0;
        }
        assertThat(space.usage()).as(where).isEqualTo(new SpaceUsage(stored, mapped, shared, 0));
    }

    @Test
    void referenceFresh_besideOthers_joinsThoseInMemoryAndTheNextOne() throws IOException {
        space.allocate(BLOCKS);
        space.referenceFresh(log.running(), new PhysicalRun(8, 4));
        space.referenceFresh(log.running(), new PhysicalRun(20, 4));
        log.commit(log.running().sequence, new NoSteps());

        space.referenceFresh(log.running(), new PhysicalRun(12, 2));
        space.referenceFresh(log.running(), new PhysicalRun(14, 6));
        space.reference(log.running(), new PhysicalRun(9, 1));

        assertThat(space.counts(new PhysicalRun(0, BLOCKS)))
                .containsExactly(
                        new SpaceMap.Counted(8, 1, 1),
                        new SpaceMap.Counted(9, 1, 2),
                        new SpaceMap.Counted(10, 2, 1),
                        new SpaceMap.Counted(12, 12, 1));
        assertThat(space.usage()).isEqualTo(new SpaceUsage(16, 17, 1, 0));
    }

    @Test
    void release_ofABlockThatNothingMaps_isRefused() {
        assertThatThrownBy(() -> space.release(log.running(), List.of(new PhysicalRun(5, 1))))
                .isInstanceOf(VfsException.class)
                .hasMessageContaining("V3");
    }

    @Test
    void release_ofTheLastReference_freesTheBlockWithTheTransaction() throws IOException {
        var run = space.allocate(4).getFirst();
        space.reference(log.running(), run);
        space.reference(log.running(), new PhysicalRun(run.start() + 1, 2));

        space.release(log.running(), List.of(run));

        var freed = new ArrayList<>(log.running().freed());
        assertThat(freed)
                .containsExactlyInAnyOrder(new PhysicalRun(run.start(), 1), new PhysicalRun(run.start() + 3, 1));
        assertThat(space.counts(run)).containsExactly(new SpaceMap.Counted(run.start() + 1, 2, 1));
    }

    private static final class NoSteps implements TransactionLog.CommitSteps {
        @Override
        public void putLast(Overlay running) {}

        @Override
        public void flushData() {}

        @Override
        public void committed(Overlay committed) {}
    }
}
