package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

class ChecksumTableTest {
    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final TransactionLog log = new TransactionLog(store);
    private final ChecksumTable table = new ChecksumTable(log, new RankedLock(LockRank.ALLOCATION));

    private static final TransactionLog.CommitSteps NO_STEPS = new TransactionLog.CommitSteps() {
        @Override
        public void putLast(Overlay running) {}

        @Override
        public void flushData() {}

        @Override
        public void committed(Overlay committed) {}
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void recordAndGet_acrossChunksAndCommits_giveTheLastRecorded(long seed) throws IOException {
        var random = new Random(seed);
        var expected = new HashMap<Long, Checksum>();
        for (int i = 0; i < 500; i++) {
            long block = random.nextInt(2000);
            var sums = new Checksum[1 + random.nextInt(random.nextBoolean() ? 5 : 700)];
            for (int j = 0; j < sums.length; j++) {
                sums[j] = new Checksum(random.nextLong(), random.nextLong());
                expected.put(block + j, sums[j]);
            }
            table.record(log.running(), block, sums);
            if (random.nextInt(10) == 0) {
                log.commit(log.running().sequence, NO_STEPS);
            }
            long from = random.nextInt(2000);
            Checksum[] found = table.get(from, 600);
            Checksum[] wanted = LongStream.range(from, from + 600)
                    .mapToObj(at -> expected.getOrDefault(at, new Checksum(0, 0)))
                    .toArray(Checksum[]::new);
            assertThat(found).isEqualTo(wanted);
        }
    }

    @Test
    void record_afterACommit_leavesTheCommittedRecordAsItIs() throws IOException {
        table.record(log.running(), 3, new Checksum[] {new Checksum(1, 2)});
        log.commit(log.running().sequence, NO_STEPS);
        byte[] key = RecordKey.of(RecordKey.CHECKSUMS, 0);
        byte[] before = java.util.Objects.requireNonNull(store.get(key)).clone();

        table.record(log.running(), 4, new Checksum[] {new Checksum(3, 4)});

        assertThat(store.get(key)).isEqualTo(before);
        assertThat(table.get(3, 2)).containsExactly(new Checksum(1, 2), new Checksum(3, 4));
    }

    /** What is kept of what was read is of one chunk at a place. */
    @Test
    void get_ofChunksFarApart_givesEachItsOwn() throws IOException {
        long step = 256L * ChecksumTable.BLOCKS_PER_CHUNK;
        for (int i = 0; i < 5; i++) {
            table.record(log.running(), 3 + i * step, new Checksum[] {new Checksum(i, 1)});
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(table.get(3 + i * step, 1)).containsExactly(new Checksum(i, 1));
            }
        }
    }
}
