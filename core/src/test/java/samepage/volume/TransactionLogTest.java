package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class TransactionLogTest {
    private static final int KEYS = 40;

    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final TransactionLog log = new TransactionLog(store);
    private final TreeMap<byte[], byte[]> expected = new TreeMap<>(Arrays::compareUnsigned);

    /** What a commit does, with looks in between. */
    private static class Steps implements TransactionLog.CommitSteps {
        final List<String> done = new ArrayList<>();

        @Override
        public void putLast(Overlay running) throws IOException {
            done.add("put");
        }

        @Override
        public void flushData() throws IOException {
            done.add("flush");
        }

        @Override
        public void committed(Overlay committed) {
            done.add("committed");
        }
    }

    /** Puts and deletions in all three layers at once; every look is compared with one plain map. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void looks_throughAllLayers_seeWhatAPlainMapHolds(long seed) throws IOException {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            change(random);
            verify(random);
            if (random.nextInt(3) == 0) {
                log.commit(log.running().sequence, new Steps() {
                    @Override
                    public void flushData() throws IOException {
                        // The closed transaction is neither running nor in the store now.
                        change(random);
                        verify(random);
                    }
                });
                verify(random);
            }
        }
    }

    /** A look downwards passes each deletion there is. */
    @Test
    void delete_whatCameWithTheTransaction_leavesNoTrace() throws IOException {
        byte[] stored = key(0);
        log.running().put(stored, new byte[1]);
        log.commit(log.running().sequence, new Steps());
        for (int i = 1; i < KEYS; i++) {
            log.running().put(key(i), new byte[1]);
            log.delete(log.running(), key(i));
        }
        assertThat(log.running().isEmpty()).isTrue();
        assertThat(log.running().heapBytes()).isZero();
        log.delete(log.running(), stored);
        assertThat(log.running().isEmpty()).isFalse();
        assertThat(log.get(stored)).isNull();
    }

    /** Ranges that are cut, joined and taken away, with a commit under way and without. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void covering_isTheRangeThatHasTheNumber(long seed) throws IOException {
        var random = new Random(seed);
        var ranges = new TreeMap<Integer, Integer>();
        for (int step = 0; step < 2000; step++) {
            changeRange(ranges, random);
            verifyRanges(ranges);
            if (random.nextInt(8) == 0) {
                log.commit(log.running().sequence, new Steps() {
                    @Override
                    public void flushData() throws IOException {
                        for (int i = random.nextInt(4); i > 0; i--) {
                            changeRange(ranges, random);
                            verifyRanges(ranges);
                        }
                    }
                });
                verifyRanges(ranges);
            }
        }
    }

    /** Takes a range out of those that there are, and most times puts one in its place, joined to its left neighbour. */
    private void changeRange(NavigableMap<Integer, Integer> ranges, Random random) throws IOException {
        int start = random.nextInt(KEYS);
        int end = start + 1 + random.nextInt(KEYS - start);
        for (var entry = ranges.lowerEntry(end);
                entry != null && entry.getValue() > start;
                entry = ranges.lowerEntry(end)) {
            log.delete(log.running(), key(entry.getKey()));
            ranges.remove(entry.getKey());
            if (entry.getValue() > end) {
                putRange(ranges, end, entry.getValue());
            }
            if (entry.getKey() < start) {
                putRange(ranges, entry.getKey(), start);
            }
        }
        if (random.nextInt(3) > 0) {
            var left = ranges.lowerEntry(start);
            putRange(ranges, left != null && left.getValue() == start ? left.getKey() : start, end);
        }
    }

    private void putRange(NavigableMap<Integer, Integer> ranges, int start, int end) {
        log.running().put(key(start), new byte[] {(byte) end});
        ranges.put(start, end);
    }

    private void verifyRanges(NavigableMap<Integer, Integer> ranges) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            int number = i;
            var before = ranges.floorEntry(number);
            var found = log.covering(key(number), key(0), (_, end) -> end[0] > number);
            if (before == null || before.getValue() <= number) {
                assertThat(found).isNull();
            } else {
                assertThat(found).isNotNull();
                assertThat(found.getKey()).isEqualTo(key(before.getKey()));
                assertThat(found.getValue()[0]).isEqualTo(before.getValue().byteValue());
            }
        }
    }

    @Test
    void covering_pastManyDeletions_asksTheStoreOnceAtMost() throws IOException {
        var watched = new WatchedStore(store, new ArrayList<>(), new AtomicInteger());
        var log = new TransactionLog(watched);
        for (int i = 0; i < KEYS; i++) {
            log.running().put(key(i), new byte[] {(byte) (i + 1)});
        }
        log.commit(log.running().sequence, new Steps());
        for (int i = 1; i < KEYS; i++) {
            log.delete(log.running(), key(i));
        }
        watched.floors.set(0);

        var found = log.covering(key(KEYS - 1), key(0), (_, end) -> end[0] > KEYS - 1);

        assertThat(found).isNull();
        assertThat(watched.floors.get()).isLessThanOrEqualTo(1);
    }

    private void change(Random random) throws IOException {
        for (int i = random.nextInt(12); i > 0; i--) {
            byte[] key = key(random.nextInt(KEYS));
            if (random.nextInt(5) < 3) {
                log.delete(log.running(), key);
                expected.remove(key);
            } else {
                byte[] value = new byte[random.nextInt(3)];
                random.nextBytes(value);
                log.running().put(key, value);
                expected.put(key, value);
            }
        }
    }

    private void verify(Random random) throws IOException {
        byte[] one = key(random.nextInt(KEYS));
        assertThat(log.get(one)).isEqualTo(expected.get(one));
        int from = random.nextInt(KEYS);
        int to = random.nextInt(KEYS);
        var scanned = new ArrayList<String>();
        try (var cursor = log.scan(key(from), key(to))) {
            while (cursor.next()) {
                scanned.add(Arrays.toString(cursor.key()) + Arrays.toString(cursor.value()));
            }
            assertThat(cursor.next()).isFalse();
        }
        var wanted = new ArrayList<String>();
        if (from < to) {
            expected.subMap(key(from), key(to))
                    .forEach((key, value) -> wanted.add(Arrays.toString(key) + Arrays.toString(value)));
        }
        assertThat(scanned).isEqualTo(wanted);
    }

    private static byte[] key(int number) {
        // Numbers around a carry from one byte to the next.
        return RecordKey.of(RecordKey.REFERENCES, 240 + number);
    }

    @Test
    void commit_flushesDataBeforeTheBatchIsApplied() throws IOException {
        var steps = new Steps() {
            @Override
            public void flushData() throws IOException {
                super.flushData();
                done.add(store.get(key(1)) == null ? "not applied yet" : "applied");
            }
        };
        log.running().put(key(1), new byte[1]);

        log.commit(log.running().sequence, steps);

        assertThat(steps.done).containsExactly("put", "flush", "not applied yet", "committed");
        assertThat(store.get(key(1))).isNotNull();
    }

    @Test
    void commit_ofASequenceThatIsDurable_doesNothing() throws IOException {
        long sequence = log.running().sequence;
        log.running().put(key(1), new byte[1]);
        log.commit(sequence, new Steps());
        var again = new Steps();

        log.commit(sequence, again);

        assertThat(again.done).isEmpty();
        assertThat(log.committedSequence()).isEqualTo(sequence);
        assertThat(log.running().sequence).isEqualTo(sequence + 1);
    }

    @Test
    void commit_refusedAsItCloses_leavesTheTransactionRunning() throws IOException {
        log.running().put(key(1), new byte[1]);

        assertThatThrownBy(() -> log.commit(log.running().sequence, new Steps() {
                    @Override
                    public void putLast(Overlay running) throws IOException {
                        throw new VfsException(Errno.EIO);
                    }
                }))
                .isInstanceOf(VfsException.class);

        assertThat(store.get(key(1))).isNull();
        assertThat(log.get(key(1))).isNotNull();
        log.commit(log.running().sequence, new Steps());
        assertThat(store.get(key(1))).isNotNull();
    }

    /** V5: each handle puts two records; a batch has both or none. */
    @Test
    void commit_withHandlesOpen_takesEachHandleWhole() throws Exception {
        var batches = new ArrayList<SortedMap<byte[], byte[]>>();
        var watched = new TransactionLog(new WatchedStore(store, batches, new AtomicInteger()));
        var next = new AtomicInteger();
        try (var threads = Executors.newFixedThreadPool(4)) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < 4; i++) {
                running.add(threads.submit(() -> {
                    for (int j = 0; j < 3000; j++) {
                        long sequence;
                        try (var _ = watched.join()) {
                            Overlay overlay = watched.running();
                            sequence = overlay.sequence;
                            int number = next.getAndIncrement();
                            overlay.put(RecordKey.of(RecordKey.INODE, number), new byte[1]);
                            Thread.onSpinWait();
                            overlay.put(RecordKey.of(RecordKey.ORPHAN, number), new byte[1]);
                            assertThat(watched.running()).isSameAs(overlay);
                        }
                        if (j % 50 == 0) {
                            watched.commit(sequence, new Steps());
                            assertThat(watched.committedSequence()).isGreaterThanOrEqualTo(sequence);
                        }
                    }
                    return null;
                }));
            }
            for (var one : running) {
                one.get();
            }
        }
        watched.commit(watched.running().sequence, new Steps());
        int records = 0;
        for (var batch : batches) {
            records += batch.size();
            for (byte[] key : batch.keySet()) {
                byte other = key[0] == RecordKey.INODE ? RecordKey.ORPHAN : RecordKey.INODE;
                assertThat(batch).containsKey(RecordKey.of(other, RecordKey.first(key)));
            }
        }
        assertThat(records).isEqualTo(24_000);
        assertThat(batches.size()).isGreaterThan(10);
    }

    @Test
    void join_whileACommitWrites_goesOnInTheNextTransaction() throws Exception {
        var flushing = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        log.running().put(key(1), new byte[1]);
        long first = log.running().sequence;
        try (var other = Executors.newSingleThreadExecutor()) {
            var commit = other.submit(() -> {
                log.commit(first, new Steps() {
                    @Override
                    public void flushData() throws IOException {
                        flushing.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                });
                return null;
            });
            flushing.await();
            try (var _ = log.join()) {
                assertThat(log.running().sequence).isEqualTo(first + 1);
                assertThat(log.get(key(1))).isNotNull();
                log.running().put(key(1), MetadataStore.DELETED);
                assertThat(log.get(key(1))).isNull();
            }
            goOn.countDown();
            commit.get();
        }
        assertThat(log.get(key(1))).isNull();
        assertThat(store.get(key(1))).isNotNull();
    }

    /** Notes the batches, and counts the looks downwards. */
    private record WatchedStore(
            MemoryMetadataStore store, List<SortedMap<byte[], byte[]>> batches, AtomicInteger floors)
            implements MetadataStore {
        @Override
        public byte @Nullable [] get(byte[] key) {
            return store.get(key);
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
            floors.incrementAndGet();
            return store.floor(highest, lowest);
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) {
            return store.scan(from, to);
        }

        @Override
        public void apply(SortedMap<byte[], byte[]> batch) {
            batches.add(batch);
            store.apply(batch);
        }

        @Override
        public long allocatedBytes() {
            return 0;
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
