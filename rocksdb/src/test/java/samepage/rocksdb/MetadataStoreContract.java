package samepage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.volume.MetadataStore;

/** What every metadata store promises, whatever it stands on. */
abstract class MetadataStoreContract {
    MetadataStore store;

    abstract MetadataStore open() throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        store = open();
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static SortedMap<byte[], byte[]> batch(String... keysAndValues) {
        SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
        for (var i = 0; i < keysAndValues.length; i += 2) {
            batch.put(bytes(keysAndValues[i]), bytes(keysAndValues[i + 1]));
        }
        return batch;
    }

    static SortedMap<byte[], byte[]> deletion(String... keys) {
        SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
        for (var key : keys) {
            batch.put(bytes(key), MetadataStore.DELETED);
        }
        return batch;
    }

    private @Nullable String get(String key) throws IOException {
        return text(store.get(bytes(key)));
    }

    private @Nullable String floor(String highest, String lowest) throws IOException {
        var entry = store.floor(bytes(highest), bytes(lowest));
        return entry == null ? null : text(entry.getKey()) + "=" + text(entry.getValue());
    }

    static List<String> rest(MetadataStore.Cursor cursor) throws IOException {
        var entries = new ArrayList<String>();
        while (cursor.next()) {
            entries.add(text(cursor.key()) + "=" + text(cursor.value()));
        }
        assertThat(cursor.next()).isFalse();
        return entries;
    }

    private List<String> scan(String from, String to) throws IOException {
        try (var cursor = store.scan(bytes(from), bytes(to))) {
            return rest(cursor);
        }
    }

    @Test
    void get_presentAbsentDeletedEmpty_toldApart() throws IOException {
        store.apply(batch("a", "1", "b", "", "c", "3"));
        store.apply(deletion("c", "never"));

        assertThat(get("a")).isEqualTo("1");
        assertThat(get("b")).isEmpty();
        assertThat(get("c")).isNull();
        assertThat(get("d")).isNull();
    }

    @Test
    void get_emptyKeyAndLargeValue_kept() throws IOException {
        var large = new byte[3 << 20];
        new Random(1).nextBytes(large);
        var batch = batch("", "empty");
        batch.put(bytes("large"), large);
        for (var length : new int[] {127, 128, 129, 16383, 16384}) {
            batch.put(bytes("key" + length), new byte[length]);
        }

        store.apply(batch);

        assertThat(get("")).isEqualTo("empty");
        assertThat(store.get(bytes("large"))).isEqualTo(large);
        for (var length : new int[] {127, 128, 129, 16383, 16384}) {
            assertThat(store.get(bytes("key" + length))).hasSize(length);
        }
    }

    @Test
    void apply_emptyBatch_nothing() throws IOException {
        store.apply(batch());

        assertThat(scan("", "\u00ff")).isEmpty();
    }

    @Test
    void floor_insideAtAndOutsideTheRange_lastEntryWithin() throws IOException {
        store.apply(batch("b", "1", "d", "2", "f\u00ff", "3"));

        assertThat(floor("d", "a")).isEqualTo("d=2");
        assertThat(floor("e", "a")).isEqualTo("d=2");
        assertThat(floor("e", "d")).isEqualTo("d=2");
        assertThat(floor("e", "d\u0000")).isNull();
        assertThat(floor("a", "")).isNull();
        assertThat(floor("\u00ff", "a")).isEqualTo("f\u00ff=3");
        assertThat(floor("f\u0080", "e")).isNull();
    }

    @Test
    void floor_afterEachApply_seesIt() throws IOException {
        for (var i = 100; i < 300; i++) {
            store.apply(batch("k" + i, "" + i));
            assertThat(floor("k\u00ff", "k")).isEqualTo("k" + i + "=" + i);
        }
        for (var i = 299; i > 100; i--) {
            store.apply(deletion("k" + i));
            assertThat(floor("k\u00ff", "k")).isEqualTo("k" + (i - 1) + "=" + (i - 1));
        }
    }

    @Test
    void floor_manyDeletionsInTheWay_found() throws IOException {
        SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
        for (var i = 10_000; i < 30_000; i++) {
            batch.put(bytes("k" + i), bytes("v"));
        }
        store.apply(batch);
        batch.replaceAll((key, value) -> MetadataStore.DELETED);
        batch.remove(bytes("k10000"));
        store.apply(batch);

        assertThat(floor("k29999", "k")).isEqualTo("k10000=v");
        assertThat(floor("k29999", "k29000")).isNull();
        assertThat(floor("k10000", "k")).isEqualTo("k10000=v");
    }

    @Test
    void scan_anyRange_entriesInUnsignedOrder() throws IOException {
        store.apply(batch("\u0080", "4", "a", "1", "\u007f", "3", "a\u0000", "2", "\u00ff\u00ff", "5"));

        assertThat(scan("", "\u00ff\u00ff\u00ff"))
                .containsExactly("a=1", "a\u0000=2", "\u007f=3", "\u0080=4", "\u00ff\u00ff=5");
        assertThat(scan("a\u0000", "\u0080")).containsExactly("a\u0000=2", "\u007f=3");
        assertThat(scan("b", "b")).isEmpty();
        assertThat(scan("c", "a")).isEmpty();
    }

    @Test
    void scan_appliedWhileOpen_entriesOfItsTime() throws IOException {
        store.apply(batch("a", "1", "b", "1", "c", "1"));
        try (var cursor = store.scan(bytes("a"), bytes("z"))) {
            assertThat(cursor.next()).isTrue();

            store.apply(batch("b", "2", "bb", "2"));
            store.apply(deletion("c"));

            assertThat(rest(cursor)).containsExactly("b=1", "c=1");
        }
        assertThat(scan("a", "z")).containsExactly("a=1", "b=2", "bb=2");
    }

    @Test
    void cursor_beforeFirstAfterLastOrClosed_refused() throws IOException {
        store.apply(batch("a", "1"));
        var cursor = store.scan(bytes("a"), bytes("z"));

        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
        cursor.next();
        assertThat(text(cursor.key())).isEqualTo("a");
        cursor.next();
        assertThatThrownBy(cursor::value).isInstanceOf(IllegalStateException.class);
        cursor.close();
        cursor.close();
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void everyCall_afterClose_refused() throws IOException {
        store.apply(batch("a", "1"));
        var cursor = store.scan(bytes("a"), bytes("z"));
        cursor.next();
        store.close();
        store.close();

        assertThatThrownBy(() -> get("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> floor("a", "a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> scan("a", "b")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.apply(batch())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.allocatedBytes()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::key).isInstanceOf(IllegalStateException.class);
        cursor.close();
    }

    @Test
    void close_whileOthersRead_refusedNotCrashed() throws Exception {
        store.apply(batch("a", "1", "b", "2"));
        var refused = new ArrayList<Thread>();
        for (var i = 0; i < 4; i++) {
            refused.add(Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        assertThat(get("a")).isEqualTo("1");
                        assertThat(floor("c", "a")).isEqualTo("b=2");
                        assertThat(scan("a", "z")).hasSize(2);
                    }
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("closed");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        Thread.sleep(100);
        store.close();
        for (var thread : refused) {
            thread.join();
        }
    }

    @Test
    void apply_besideReaders_allOfABatchOrNone() throws Exception {
        var done = new AtomicBoolean();
        store.apply(batch("a", "0", "m", "0", "z", "0"));
        var writer = Thread.ofPlatform().start(() -> {
            try {
                for (var i = 1; i < 300; i++) {
                    store.apply(batch("a", "" + i, "m", "" + i, "z", "" + i));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                done.set(true);
            }
        });
        while (!done.get()) {
            var values = new ArrayList<String>();
            for (var entry : scan("a", "zz")) {
                values.add(entry.substring(2));
            }
            assertThat(values.stream().distinct()).as("%s", values).hasSize(1);
        }
        writer.join();
        assertThat(scan("a", "zz")).containsExactly("a=299", "m=299", "z=299");
    }

    @Test
    void randomBatches_anySeed_equalASortedMap() throws IOException {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        var model = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (var round = 0; round < 60; round++) {
            SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
            for (var i = random.nextInt(30); i > 0; i--) {
                var key = new byte[] {(byte) random.nextInt(256), (byte) random.nextInt(3)};
                batch.put(key, random.nextInt(3) == 0 ? MetadataStore.DELETED : new byte[random.nextInt(200)]);
            }
            store.apply(batch);
            batch.forEach((key, value) -> {
                if (MetadataStore.isDeletion(value)) {
                    model.remove(key);
                } else {
                    model.put(key, value);
                }
            });
            for (var i = 0; i < 30; i++) {
                var low = new byte[] {(byte) random.nextInt(256)};
                var high = new byte[] {(byte) random.nextInt(256), (byte) random.nextInt(3)};
                var expected = model.floorEntry(high);
                Map.@Nullable Entry<byte[], byte[]> found = store.floor(high, low);
                if (expected == null || Arrays.compareUnsigned(expected.getKey(), low) < 0) {
                    assertThat(found).as("seed %d", seed).isNull();
                } else {
                    assertThat(found).as("seed %d", seed).isNotNull();
                    assertThat(found.getKey()).as("seed %d", seed).isEqualTo(expected.getKey());
                    assertThat(found.getValue()).as("seed %d", seed).isEqualTo(expected.getValue());
                }
                assertThat(store.get(high)).as("seed %d", seed).isEqualTo(model.get(high));
            }
        }
        try (var cursor = store.scan(new byte[0], new byte[] {-1, -1, -1})) {
            for (var expected : model.entrySet()) {
                assertThat(cursor.next()).as("seed %d", seed).isTrue();
                assertThat(cursor.key()).isEqualTo(expected.getKey());
                assertThat(cursor.value()).isEqualTo(expected.getValue());
            }
            assertThat(cursor.next()).as("seed %d", seed).isFalse();
        }
    }
}
