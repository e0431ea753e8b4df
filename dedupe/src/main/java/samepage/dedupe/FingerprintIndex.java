package samepage.dedupe;

import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.volume.MetadataStore;

/**
 * Where the first block of each content is: of the last contents every one, in memory; of those before, the sampled
 * ones, in a store to which they go in large batches. Small trees never open it.
 */
/*
 * The two have different strengths. What is in memory finds every duplicate there is, down to single blocks that are the
 * same all over a disk image. The store is looked into for sampled blocks alone, a quarter of all, and so takes little time
 * and space; it finds runs, which hold a sampled block sooner or later.
 */
final class FingerprintIndex implements AutoCloseable {
    private static final int STORED_AT_ONCE = 1 << 15;

    private final Finder.IndexOpener opener;
    private final boolean isKept;
    private final FingerprintTable latest;
    private @Nullable MetadataStore store;
    private long storedEntries;
    private boolean isLasting;

    private FingerprintIndex(Finder.IndexOpener opener, boolean isKept, int contentsInMemory) {
        this.opener = opener;
        this.isKept = isKept;
        this.latest = new FingerprintTable(contentsInMemory);
    }

    /** An index for one run: the store is opened when it is needed, and closed with the index. */
    static FingerprintIndex temporary(Finder.IndexOpener opener, int contentsInMemory) {
        return new FingerprintIndex(opener, false, contentsInMemory);
    }

    /** An index that several runs use; {@link #forget} closes the store. */
    static FingerprintIndex lasting(Finder.IndexOpener opener, int contentsInMemory) {
        var index = new FingerprintIndex(opener, false, contentsInMemory);
        index.isLasting = true;
        return index;
    }

    /** An index that has what earlier runs saved. The store is not closed with it. */
    static FingerprintIndex kept(MetadataStore store, int contentsInMemory) {
        var index = new FingerprintIndex(() -> store, true, contentsInMemory);
        index.store = store;
        return index;
    }

    boolean isKept() {
        return isKept;
    }

    /** Has the store know what later runs are to know. */
    void save() throws IOException {
        storeSampled();
    }

    /** Where the content is that has this fingerprint, for all the index knows; or null. */
    @Nullable BlockLocation find(long fingerprintHigh, boolean sampled) throws IOException {
        long key = IndexFormat.keyOf(fingerprintHigh);
        BlockLocation location = latest.find(key);
        if (location != null) {
            return location;
        }
        byte[] value = sampled && store != null ? store.get(IndexFormat.encodeKey(key)) : null;
        return value == null ? null : IndexFormat.decode(value);
    }

    /** Remembers where the content of this fingerprint is, and forgets where it was. */
    void put(long fingerprintHigh, boolean sampled, long file, long block) throws IOException {
        latest.put(IndexFormat.keyOf(fingerprintHigh), file, block, sampled);
        if (latest.isFull()) {
            storeSampled();
            latest.clear();
        }
    }

    /** How many entries have gone to the store. */
    long storedEntries() {
        return storedEntries;
    }

    /** Bytes that the store takes now; 0 where none was needed. */
    long storedBytes() throws IOException {
        return store == null ? 0 : store.allocatedBytes();
    }

    private void storeSampled() throws IOException {
        if (store == null) {
            store = opener.open();
        }
        long[] keys = latest.takeSampledKeys();
        for (int from = 0; from < keys.length; from += STORED_AT_ONCE) {
            store(keys, from, Math.min(keys.length, from + STORED_AT_ONCE), store);
        }
        storedEntries += keys.length;
    }

    /** A batch takes four times as much memory as its entries in the table do. */
    private void store(long[] keys, int from, int to, MetadataStore into) throws IOException {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (int i = from; i < to; i++) {
            BlockLocation location = Objects.requireNonNull(latest.find(keys[i]));
            batch.put(IndexFormat.encodeKey(keys[i]), IndexFormat.encode(location));
        }
        into.apply(batch);
    }

    @Override
    public void close() throws IOException {
        if (!isKept && !isLasting) {
            forget();
        }
    }

    /** Closes the store. */
    void forget() throws IOException {
        if (store != null) {
            store.close();
            store = null;
        }
    }
}
