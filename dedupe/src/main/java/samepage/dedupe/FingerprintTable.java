package samepage.dedupe;

import java.util.Arrays;

/**
 * Block locations by key, in memory and of bounded size: open addressing in one array, three longs an entry.
 *
 * <pre>
 *   | key + 1 | file | block * 4 + stored * 2 + sampled |      0 in place of a key: free
 * </pre>
 */
final class FingerprintTable {
    private static final int ENTRY_LONGS = 3;
    private static final int BLOCK_SHIFT = 2;
    private static final long SAMPLED = 1;
    private static final long STORED = 2;
    private static final int SMALLEST_SLOTS = 1 << 10;

    private final int maxEntries;
    private long[] entries = new long[SMALLEST_SLOTS * ENTRY_LONGS];
    private int slots = SMALLEST_SLOTS;
    private int size;

    FingerprintTable(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    boolean isFull() {
        return size >= maxEntries;
    }

    /** The handle of {@code key}'s entry, good until the next change; or -1. */
    int find(long key) {
        int at = slotOf(key);
        return entries[at] == 0 ? -1 : at;
    }

    BlockLocation location(int entry) {
        return new BlockLocation(entries[entry + 1], entries[entry + 2] >>> BLOCK_SHIFT);
    }

    /** Adds an entry or replaces the key's; keys are not negative. */
    void put(long key, long file, long block, boolean sampled) {
        if (2 * (size + 1) > slots) {
            grow();
        }
        int at = slotOf(key);
        if (entries[at] == 0) {
            size++;
        }
        set(at, key, file, block << BLOCK_SHIFT | (sampled ? SAMPLED : 0));
    }

    /** The keys of sampled entries that it has not given yet, ascending. */
    long[] takeSampledKeys() {
        long[] keys = new long[size];
        int count = 0;
        for (int at = 0; at < entries.length; at += ENTRY_LONGS) {
            if (entries[at] != 0 && (entries[at + 2] & (SAMPLED | STORED)) == SAMPLED) {
                entries[at + 2] |= STORED;
                keys[count++] = entries[at] - 1;
            }
        }
        Arrays.sort(keys, 0, count);
        return Arrays.copyOf(keys, count);
    }

    void clear() {
        Arrays.fill(entries, 0);
        size = 0;
    }

    private void set(int at, long key, long file, long blockAndSampled) {
        entries[at] = key + 1;
        entries[at + 1] = file;
        entries[at + 2] = blockAndSampled;
    }

    private void grow() {
        long[] before = entries;
        slots *= 2;
        entries = new long[slots * ENTRY_LONGS];
        for (int at = 0; at < before.length; at += ENTRY_LONGS) {
            if (before[at] != 0) {
                set(slotOf(before[at] - 1), before[at] - 1, before[at + 1], before[at + 2]);
            }
        }
    }

    /** Where the key's entry is, or belongs. Keys are parts of fingerprints: as evenly spread as any hash of them. */
    private int slotOf(long key) {
        int slot = (int) key & (slots - 1);
        while (entries[slot * ENTRY_LONGS] != 0 && entries[slot * ENTRY_LONGS] != key + 1) {
            slot = (slot + 1) & (slots - 1);
        }
        return slot * ENTRY_LONGS;
    }
}
