package samepage.dedupe;

import java.io.IOException;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.volume.MetadataStore;

/**
 * Where the first block of each sampled content is. A bounded number of entries waits in memory; when they are too many they
 * go to a store in one batch. Small trees never open it.
 */
final class FingerprintIndex implements AutoCloseable {
    private static final int ENTRIES_IN_MEMORY = 1 << 18;

    private final Finder.IndexOpener opener;
    private final FingerprintTable inMemory = new FingerprintTable(ENTRIES_IN_MEMORY);
    private @Nullable MetadataStore store;
    private long entries;

    FingerprintIndex(Finder.IndexOpener opener) {
        this.opener = opener;
    }

    /** Where the content is that has this fingerprint, for all the index knows; or null. */
    @Nullable BlockLocation find(long fingerprintHigh) throws IOException {
        long key = IndexFormat.keyOf(fingerprintHigh);
        int entry = inMemory.find(key);
        if (entry >= 0) {
            return new BlockLocation(inMemory.file(entry), inMemory.block(entry));
        }
        byte[] value = store == null ? null : store.get(IndexFormat.encodeKey(key));
        return value == null ? null : IndexFormat.decode(value);
    }

    /** Remembers where the content of this fingerprint is, and forgets where it was. */
    void put(long fingerprintHigh, long file, long block) throws IOException {
        inMemory.put(IndexFormat.keyOf(fingerprintHigh), file, block);
        entries++;
        if (inMemory.isFull()) {
            store();
        }
    }

    /** How often something has been put. */
    long entries() {
        return entries;
    }

    /** Bytes that the store takes now; 0 where none was needed. */
    long storedBytes() throws IOException {
        return store == null ? 0 : store.allocatedBytes();
    }

    private void store() throws IOException {
        if (store == null) {
            store = opener.open();
        }
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (long key : inMemory.sortedKeys()) {
            int entry = inMemory.find(key);
            batch.put(IndexFormat.encodeKey(key), IndexFormat.encode(inMemory.file(entry), inMemory.block(entry)));
        }
        store.apply(batch);
        inMemory.clear();
    }

    @Override
    public void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }
}
