package samepage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.rocksdb.RocksDbMetadataStore.Options;
import samepage.volume.MetadataStore;

class RocksDbMetadataStoreTest extends MetadataStoreContract {
    private static final int DELETED_ENTRIES = 500_000;

    /** Stepping over so many deletions takes ten times as long. */
    private static final long FAST_NANOS = 1_000_000;

    @TempDir
    Path parent;

    private Path directory() {
        return parent.resolve("metadata");
    }

    @Override
    MetadataStore open() throws IOException {
        return RocksDbMetadataStore.open(directory(), Options.creating());
    }

    private static void assertErrno(ThrowingCallable call, Errno errno, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno))
                .hasMessageContaining(message);
    }

    @Test
    void reopen_afterClose_everythingThere() throws IOException {
        store.apply(batch("a", "1", "b", "2"));
        store.apply(deletion("a"));
        store.close();

        store = RocksDbMetadataStore.open(directory(), Options.existing());

        assertThat(store.get(bytes("a"))).isNull();
        assertThat(text(store.get(bytes("b")))).isEqualTo("2");
        assertThat(store.allocatedBytes()).isBetween(1L, 1L << 20);
    }

    @Test
    void floorAndScan_farFromAnyEntry_acrossManyDeletions_becomeFast() throws IOException {
        store.apply(numbers(0, DELETED_ENTRIES + 1, bytes("x")));
        for (int first = 1; first <= DELETED_ENTRIES; first += DELETED_ENTRIES / 20) {
            store.apply(numbers(first, first + DELETED_ENTRIES / 20, MetadataStore.DELETED));
        }

        await().atMost(Duration.ofSeconds(60))
                .until(() -> nanosOf(() -> {
                            var found = store.floor(number(DELETED_ENTRIES), number(0));
                            assertThat(found).isNotNull();
                            assertThat(found.getKey()).isEqualTo(number(0));
                        })
                        < FAST_NANOS);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> nanosOf(() -> {
                            try (var cursor = store.scan(number(1), number(DELETED_ENTRIES + 1))) {
                                assertThat(cursor.next()).isFalse();
                            }
                        })
                        < FAST_NANOS);
    }

    private static SortedMap<byte[], byte[]> numbers(int from, int to, byte[] value) {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (int i = from; i < to; i++) {
            batch.put(number(i), value);
        }
        return batch;
    }

    private static byte[] number(int i) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(i).array();
    }

    private static long nanosOf(Look look) throws IOException {
        long start = System.nanoTime();
        look.run();
        return System.nanoTime() - start;
    }

    private interface Look {
        void run() throws IOException;
    }

    @Test
    void open_missing_refused() {
        assertErrno(
                () -> RocksDbMetadataStore.open(parent.resolve("none"), Options.existing()),
                Errno.ENOENT,
                "no metadata store here");
        assertErrno(
                () -> RocksDbMetadataStore.open(parent.resolve("none"), Options.reading()),
                Errno.ENOENT,
                "no metadata store here");
    }

    @Test
    void open_openAlready_refused() {
        assertErrno(
                () -> RocksDbMetadataStore.open(directory(), Options.existing()),
                Errno.EBUSY,
                "metadata store is in use");
    }

    @Test
    void openReading_appliesRefusedEntriesThere() throws IOException {
        store.apply(batch("a", "1"));
        store.close();

        store = RocksDbMetadataStore.open(directory(), Options.reading());

        assertThat(text(store.get(bytes("a")))).isEqualTo("1");
        assertErrno(() -> store.apply(batch("a", "2")), Errno.EROFS, "open for reading only");
    }

    @Test
    void open_manifestDamaged_refusedAsDamaged() throws IOException {
        store.apply(batch("a", "1"));
        store.close();
        try (var files = Files.list(directory())) {
            for (var file : files.filter(each -> each.getFileName().toString().startsWith("MANIFEST"))
                    .toList()) {
                var content = Files.readAllBytes(file);
                content[content.length / 2] ^= 1;
                Files.write(file, content);
            }
        }

        assertErrno(
                () -> RocksDbMetadataStore.open(directory(), Options.existing()),
                Errno.EIO,
                "metadata store is damaged");
    }

    @Test
    void get_tableDamaged_refusedAsDamaged() throws IOException {
        var large = batch();
        for (var i = 0; i < 4000; i++) {
            var value = new byte[1000];
            new Random(i).nextBytes(value);
            large.put(bytes("k" + i), value);
        }
        store.apply(large);
        store.close();
        try (var files = Files.list(directory())) {
            for (var file :
                    files.filter(each -> each.toString().endsWith(".sst")).toList()) {
                var content = Files.readAllBytes(file);
                for (var at = 0; at < content.length - 100_000; at += 1000) {
                    content[at] ^= 1;
                }
                Files.write(file, content);
            }
        }
        store = RocksDbMetadataStore.open(directory(), Options.existing());

        assertErrno(() -> store.get(bytes("k1")), Errno.EIO, "metadata store is damaged");
        assertErrno(() -> store.floor(bytes("k1"), bytes("k")), Errno.EIO, "metadata store is damaged");
        assertErrno(
                () -> {
                    try (var cursor = store.scan(bytes("k"), bytes("l"))) {
                        rest(cursor);
                    }
                },
                Errno.EIO,
                "metadata store is damaged");
    }

    @Test
    void kill_inTheMiddleOfApplies_aPrefixOfWholeBatchesSurvives() throws Exception {
        var victim = parent.resolve("victim");
        var next = 0;
        for (var round = 0; round < 5; round++) {
            var last = killedAfter(victim, next, new Random().nextInt(400));
            try (var survived = RocksDbMetadataStore.open(victim, Options.existing())) {
                var numbers = new TreeSet<Integer>();
                var keys = new ArrayList<String>();
                try (var cursor = survived.scan(bytes("0"), bytes("9"))) {
                    while (cursor.next()) {
                        var key = new String(cursor.key(), StandardCharsets.ISO_8859_1);
                        keys.add(key);
                        numbers.add(Integer.parseInt(key.substring(0, 8)) - 3);
                    }
                }
                var newest = numbers.isEmpty() ? -1 : numbers.last();
                var expected = new ArrayList<String>();
                for (var number = Math.max(0, newest - 2); number <= newest; number++) {
                    for (var entry = 0; entry < BatchWriter.ENTRIES; entry++) {
                        expected.add(BatchWriter.key(number, entry));
                    }
                }
                assertThat(newest).isGreaterThanOrEqualTo(last);
                assertThat(keys).isEqualTo(expected);
                next = newest + 1;
            }
        }
        assertThat(next).isPositive();
    }

    /** The number of the last batch that the victim said it had applied; -1 for none. */
    private static int killedAfter(Path victim, int next, int millis) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var classes = System.getProperty("java.class.path")
                + File.pathSeparator
                + System.getProperty("jdk.module.path", "")
                + File.pathSeparator
                + Path.of(BatchWriter.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + File.pathSeparator
                + Path.of("target", "test-classes").toAbsolutePath();
        var output = Files.createTempFile(victim.getParent(), "victim", ".txt");
        var process = new ProcessBuilder(
                        java,
                        "-Xmx256m",
                        // A killed process leaves its copy of the native library there.
                        "-Djava.io.tmpdir=" + victim.getParent(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classes,
                        BatchWriter.class.getName(),
                        victim.toString(),
                        Integer.toString(next))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.size(output) > 0);
        Thread.sleep(millis);
        process.destroyForcibly().waitFor();
        var last = next - 1;
        for (var line : Files.readAllLines(output)) {
            assertThat(line).as("what the victim printed").isEqualTo(Integer.toString(++last));
        }
        return last;
    }

    @Test
    void apply_diskFull_refusedReadableAndUsableOnceThereIsSpace() throws IOException {
        try (var disk = SmallDisk.mount(parent, 24 << 20)) {
            var ballast = disk.root().resolve("ballast");
            Files.write(ballast, new byte[8 << 20]);
            var applied = 0;
            try (var small = RocksDbMetadataStore.open(disk.root().resolve("metadata"), Options.creating())) {
                small.apply(batch("first", "1"));
                VfsException refusal = null;
                while (refusal == null) {
                    try {
                        small.apply(numbered(applied));
                        applied++;
                    } catch (VfsException e) {
                        refusal = e;
                    }
                }
                assertThat(refusal.errno()).as(refusal.getMessage()).isEqualTo(Errno.ENOSPC);
                assertAllThere(small, applied);
                assertErrno(() -> small.apply(batch("x", "y")), Errno.ENOSPC, "");

                Files.delete(ballast);
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    try {
                        small.apply(batch("after", "1"));
                        return true;
                    } catch (VfsException e) {
                        return false;
                    }
                });
                assertAllThere(small, applied);
            }
            try (var small = RocksDbMetadataStore.open(disk.root().resolve("metadata"), Options.existing())) {
                assertAllThere(small, applied);
                assertThat(text(small.get(bytes("after")))).isEqualTo("1");
            }
        }
    }

    private static java.util.SortedMap<byte[], byte[]> numbered(int number) {
        var batch = batch();
        for (var entry = 0; entry < 100; entry++) {
            var value = new byte[4000];
            new Random(number * 100L + entry).nextBytes(value);
            batch.put(bytes(String.format("n%05d %03d", number, entry)), value);
        }
        return batch;
    }

    private static void assertAllThere(MetadataStore store, int applied) throws IOException {
        assertThat(text(store.get(bytes("first")))).isEqualTo("1");
        for (var number = 0; number < applied; number++) {
            for (var expected : numbered(number).entrySet()) {
                assertThat(store.get(expected.getKey())).isEqualTo(expected.getValue());
            }
        }
    }
}
