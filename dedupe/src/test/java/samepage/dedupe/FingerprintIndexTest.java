package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.MetadataStore;

class FingerprintIndexTest {
    @Test
    void find_moreThanMemoryHolds_knowsTheSampledAll() throws IOException {
        var random = new Random(3);
        long[] fingerprints = random.longs(10_000).toArray();
        try (var index = FingerprintIndex.temporary(MemoryMetadataStore::new, 1000)) {
            for (int i = 0; i < fingerprints.length; i++) {
                index.put(fingerprints[i], i % 4 == 0, i, (long) i << 20);
            }
            for (int i = 0; i < fingerprints.length; i++) {
                boolean sampled = i % 4 == 0;
                BlockLocation found = index.find(fingerprints[i], sampled);
                assertThat(found).isEqualTo(sampled ? new BlockLocation(i, (long) i << 20) : null);
            }
            assertThat(index.storedEntries()).isEqualTo(2500);
        }
    }

    @Test
    void find_fewerThanMemoryHolds_knowsAllAndOpensNoStore() throws IOException {
        try (var index = FingerprintIndex.temporary(
                () -> {
                    throw new AssertionError("opened");
                },
                1000)) {
            for (long i = 1; i < 1000; i++) {
                index.put(i << 40, false, i, 2 * i);
            }
            for (long i = 1; i < 1000; i++) {
                assertThat(index.find(i << 40, false)).isEqualTo(new BlockLocation(i, 2 * i));
            }
            assertThat(index.find(1, true)).isNull();
            assertThat(index.storedBytes()).isZero();
        }
    }

    @Test
    void save_manySampled_goToTheStoreAFewAtATime() throws IOException {
        var store = new BatchWatch();
        var random = new Random(7);
        try (var index = FingerprintIndex.kept(store, 1 << 20)) {
            for (int i = 1; i <= 200_000; i++) {
                index.put(random.nextLong(), true, i, 0);
            }
            index.save();
            assertThat(index.storedEntries()).isEqualTo(200_000);
        }
        assertThat(store.largestBatch).isLessThan(50_000);
    }

    @Test
    void format_anyNumbers_areReadBack() {
        var random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            var location = new BlockLocation(
                    random.nextLong() >>> (1 + random.nextInt(63)), random.nextLong() >>> (1 + random.nextInt(63)));
            assertThat(IndexFormat.decode(IndexFormat.encode(location))).isEqualTo(location);
        }
        assertThat(IndexFormat.encode(new BlockLocation(0, 0))).hasSize(1);
        assertThat(IndexFormat.encode(new BlockLocation(300, 7))).hasSize(3);
    }

    /** Takes batches, and keeps nothing of them. */
    private static final class BatchWatch implements MetadataStore {
        private int largestBatch;

        @Override
        public byte @Nullable [] get(byte[] key) {
            return null;
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
            return null;
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void apply(SortedMap<byte[], byte[]> batch) {
            largestBatch = Math.max(largestBatch, batch.size());
        }

        @Override
        public long allocatedBytes() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
