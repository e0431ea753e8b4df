package samepage.dedupe;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Block locations by key, in memory and of bounded size, in parts that grow one at a time: each is open addressing in one
 * array, three longs an entry.
 *
 * <pre>
 *   | key + 1 | file | block * 4 + stored * 2 + sampled |      0 in place of a key: free
 * </pre>
 */
final class FingerprintTable {
    private static final int PARTS = 64;
    private static final int PART_BITS = Integer.numberOfTrailingZeros(PARTS);
    private static final int ENTRY_LONGS = 3;
    private static final int BLOCK_SHIFT = 2;
    private static final long SAMPLED = 1;
    private static final long STORED = 2;
    private static final int SMALLEST_SLOTS = 1 << 5;

    private final int maxEntries;
    private final Part[] parts = new Part[PARTS];
    private int size;

    FingerprintTable(int maxEntries) {
        this.maxEntries = maxEntries;
        Arrays.setAll(parts, _ -> new Part());
    }

    boolean isFull() {
        return size >= maxEntries;
    }

    /** What the key was put with last; or null. */
    @Nullable BlockLocation find(long key) {
        return partOf(key).find(key);
    }

    /** Adds an entry or replaces the key's; keys are not negative. */
    void put(long key, long file, long block, boolean sampled) {
        if (partOf(key).put(key, file, block << BLOCK_SHIFT | (sampled ? SAMPLED : 0))) {
            size++;
        }
    }

    /** The keys of sampled entries that it has not given yet, ascending. */
    long[] takeSampledKeys() {
        long[] keys = Arrays.stream(parts).flatMapToLong(Part::takeSampledKeys).toArray();
        Arrays.sort(keys);
        return keys;
    }

    void clear() {
        for (Part part : parts) {
            Arrays.fill(part.entries, 0);
            part.size = 0;
        }
        size = 0;
    }

    /** Keys are parts of fingerprints: as evenly spread as any hash of them. */
    private Part partOf(long key) {
        return parts[(int) key & (PARTS - 1)];
    }

    private static final class Part {
        private long[] entries = new long[SMALLEST_SLOTS * ENTRY_LONGS];
        private int slots = SMALLEST_SLOTS;
        private int size;

        @Nullable BlockLocation find(long key) {
            int at = slotOf(key);
            return entries[at] == 0 ? null : new BlockLocation(entries[at + 1], entries[at + 2] >>> BLOCK_SHIFT);
        }

        /** True where there was none with that key. */
        boolean put(long key, long file, long blockAndFlags) {
            if (2 * (size + 1) > slots) {
                grow();
            }
            int at = slotOf(key);
            boolean isNew = entries[at] == 0;
            size += isNew ? 1 : 0;
            set(at, key, file, blockAndFlags);
            return isNew;
        }

        LongStream takeSampledKeys() {
            long[] keys = new long[size];
            int count = 0;
            for (int at = 0; at < entries.length; at += ENTRY_LONGS) {
                if (entries[at] != 0 && (entries[at + 2] & (SAMPLED | STORED)) == SAMPLED) {
                    entries[at + 2] |= STORED;
                    keys[count++] = entries[at] - 1;
                }
            }
            return Arrays.stream(keys, 0, count);
        }

        private void set(int at, long key, long file, long blockAndFlags) {
            entries[at] = key + 1;
            entries[at + 1] = file;
            entries[at + 2] = blockAndFlags;
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

        /** Where the key's entry is, or belongs. */
        private int slotOf(long key) {
            int slot = (int) (key >>> PART_BITS) & (slots - 1);
            while (entries[slot * ENTRY_LONGS] != 0 && entries[slot * ENTRY_LONGS] != key + 1) {
                slot = (slot + 1) & (slots - 1);
            }
            return slot * ENTRY_LONGS;
        }
    }
}
