package samepage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import samepage.rocksdb.RocksDbMetadataStore.Options;
import samepage.volume.MetadataStore;

/**
 * Prints what the store's calls cost; a program, not a test. Argument: an empty directory on the disk in question.
 *
 * <p>The records are a volume's: an inode of 120 bytes, a directory entry, two extents of 24 bytes, for each of a million
 * files with sequential numbers.
 */
final class RocksDbStoreSpeed {
    private static final int FILES = 750_000;
    private static final int FILES_A_BATCH = 25_000;
    private static final int DELETED = 100_000;

    private RocksDbStoreSpeed() {}

    public static void main(String[] arguments) throws IOException {
        var directory = Path.of(arguments[0]).resolve("store");
        var random = new Random(1);
        var start = System.nanoTime();
        try (var store = RocksDbMetadataStore.open(directory, Options.creating())) {
            print("open, empty, with the native library", start, 1);
            for (var first = 0; first < FILES; first += FILES_A_BATCH) {
                var batch = batch(first, random);
                start = System.nanoTime();
                store.apply(batch);
                if (first % (FILES / 5) == 0) {
                    print("apply of a batch of " + batch.size(), start, 1);
                }
            }
            reads(store);
            smallBatches(store);
            deletions(store);
            System.out.printf("store: %.1f MB for %d records%n", store.allocatedBytes() / 1e6, 4 * FILES);
            start = System.nanoTime();
        }
        print("close", start, 1);
        for (var round = 0; round < 3; round++) {
            start = System.nanoTime();
            try (var store = RocksDbMetadataStore.open(directory, Options.existing())) {
                print("open", start, 1);
                start = System.nanoTime();
                if (store.get(inode(FILES / 2)) == null) {
                    throw new AssertionError();
                }
                print("first get", start, 1);
                start = System.nanoTime();
                store.floor(extent(FILES / 2, 7), extent(FILES / 2, 0));
                print("first floor", start, 1);
                System.out.printf("store: %.1f MB%n", store.allocatedBytes() / 1e6);
                start = System.nanoTime();
            }
            print("close", start, 1);
        }
        start = System.nanoTime();
        try (var store = RocksDbMetadataStore.open(directory, Options.reading())) {
            print("open for reading", start, 1);
            reads(store);
        }
    }

    private static SortedMap<byte[], byte[]> batch(int first, Random random) {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (var file = first; file < first + FILES_A_BATCH; file++) {
            var inode =
                    ByteBuffer.allocate(120).putLong(0, file).putInt(8, 0100644).putLong(40, random.nextInt());
            batch.put(inode(file), inode.array());
            var name =
                    ("file-" + Integer.toHexString(file) + ".java").getBytes(java.nio.charset.StandardCharsets.UTF_8);
            batch.put(
                    ByteBuffer.allocate(17 + name.length)
                            .put((byte) 2)
                            .putLong(file / 100)
                            .putLong(random.nextLong())
                            .put(name)
                            .array(),
                    ByteBuffer.allocate(9).putLong(file).array());
            for (var extent = 0; extent < 2; extent++) {
                var mapping =
                        ByteBuffer.allocate(24).putLong(file * 9L).putLong(8).putLong(random.nextLong(1000));
                batch.put(extent(file, extent * 8L), mapping.array());
            }
        }
        return batch;
    }

    private static byte[] inode(long inode) {
        return ByteBuffer.allocate(9).put((byte) 1).putLong(inode).array();
    }

    private static byte[] extent(long inode, long block) {
        return ByteBuffer.allocate(17)
                .put((byte) 4)
                .putLong(inode)
                .putLong(block)
                .array();
    }

    private static void reads(MetadataStore store) throws IOException {
        var random = new Random(2);
        for (var round = 0; round < 3; round++) {
            for (var range : new int[] {20_000, FILES}) {
                var calls = 100_000;
                var start = System.nanoTime();
                for (var i = 0; i < calls; i++) {
                    store.get(inode(random.nextInt(range)));
                }
                print("get, of " + range, start, calls);
                start = System.nanoTime();
                for (var i = 0; i < calls; i++) {
                    store.get(inode(FILES + random.nextInt(range)));
                }
                print("get of what is not there, of " + range, start, calls);
                start = System.nanoTime();
                for (var i = 0; i < calls; i++) {
                    var file = random.nextInt(range);
                    if (store.floor(extent(file, random.nextInt(16)), extent(file, 0)) == null) {
                        throw new AssertionError();
                    }
                }
                print("floor, of " + range, start, calls);
                start = System.nanoTime();
                calls = 20_000;
                for (var i = 0; i < calls; i++) {
                    var file = random.nextInt(range);
                    try (var cursor = store.scan(extent(file, 0), extent(file + 1, 0))) {
                        while (cursor.next()) {
                            cursor.key();
                            cursor.value();
                        }
                    }
                }
                print("scan of 2, of " + range, start, calls);
                start = System.nanoTime();
                calls = 200;
                for (var i = 0; i < calls; i++) {
                    var file = random.nextInt(range - 1000);
                    try (var cursor = store.scan(inode(file), inode(file + 1000))) {
                        while (cursor.next()) {
                            cursor.key();
                            cursor.value();
                        }
                    }
                }
                print("scan of 1000, of " + range, start, calls);
            }
        }
    }

    private static void smallBatches(MetadataStore store) throws IOException {
        var random = new Random(3);
        for (var size : new int[] {10, 1000}) {
            var nanos = new long[200];
            for (var i = 0; i < nanos.length; i++) {
                var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
                while (batch.size() < size) {
                    batch.put(extent(random.nextInt(FILES), random.nextInt(16)), new byte[24]);
                }
                var start = System.nanoTime();
                store.apply(batch);
                nanos[i] = System.nanoTime() - start;
            }
            Arrays.sort(nanos);
            System.out.printf("apply of %d: median %.3f ms, 95 %% %.3f ms%n", size, nanos[100] / 1e6, nanos[190] / 1e6);
        }
    }

    /** A file of 100,000 extents becomes one of a single one; then an extent is looked for at its end. */
    private static void deletions(MetadataStore store) throws IOException {
        var file = 2L * FILES;
        for (var value : new byte[][] {new byte[24], MetadataStore.DELETED}) {
            var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
            for (var block = MetadataStore.isDeletion(value) ? 1 : 0; block < DELETED; block++) {
                batch.put(extent(file, block), value);
            }
            store.apply(batch);
        }
        var deleted = System.nanoTime();
        for (var look = 0; look < 10; look++) {
            var start = System.nanoTime();
            store.floor(extent(file, DELETED), extent(file, 0));
            print("floor across " + DELETED + " deletions, " + (start - deleted) / 1_000_000 + " ms after", start, 1);
            LockSupport.parkNanos(100_000_000);
        }
    }

    private static void print(String what, long start, int calls) {
        System.out.printf("%-45s %12.3f us%n", what, (System.nanoTime() - start) / 1e3 / calls);
    }

    static void deleteAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
