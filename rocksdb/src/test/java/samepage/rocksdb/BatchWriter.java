package samepage.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import samepage.rocksdb.RocksDbMetadataStore.Options;

/** The process that a test kills: applies batches without end and prints the number of each that has returned. */
final class BatchWriter {
    static final int ENTRIES = 50;

    private BatchWriter() {}

    public static void main(String[] arguments) throws IOException {
        var store = RocksDbMetadataStore.open(Path.of(arguments[0]), Options.creating());
        for (var number = Integer.parseInt(arguments[1]); ; number++) {
            store.apply(batch(number));
            System.out.println(number);
        }
    }

    /** Batch n puts its entries and takes away those of batch n - 3. */
    static SortedMap<byte[], byte[]> batch(int number) {
        SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
        for (var entry = 0; entry < ENTRIES; entry++) {
            batch.put(MetadataStoreContract.bytes(key(number, entry)), new byte[1000]);
            batch.put(MetadataStoreContract.bytes(key(number - 3, entry)), RocksDbMetadataStore.DELETED);
        }
        return batch;
    }

    static String key(int number, int entry) {
        return String.format("%08d %04d", number + 3, entry);
    }
}
