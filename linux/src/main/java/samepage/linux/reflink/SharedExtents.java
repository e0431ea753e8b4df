package samepage.linux.reflink;

import java.util.Arrays;

/**
 * Which file of this run was the first to have an extent that others have, too, by the place where the extent begins. Of
 * bounded size: an extent that finds no room is read as if it were nobody else's. Open addressing, four longs an entry:
 *
 * <pre>
 *   | place + 1 | block count | file | file's block |      0 in place of a place: free
 * </pre>
 */
final class SharedExtents {
    private static final int LONGS = 4;
    private static final int SMALLEST_SLOTS = 1 << 8;

    private final int maxEntries;
    private long[] entries = new long[SMALLEST_SLOTS * LONGS];
    private int slots = SMALLEST_SLOTS;
    private int size;

    SharedExtents(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    /**
     * A file's extents, those that a file before has divided into what is known from there and what is not. Remembers for later
     * ones which are this file's.
     */
    ExtentList resolve(long file, ExtentList extents) {
        var resolved = new ExtentList();
        boolean isAnyKnown = false;
        for (int i = 0; i < extents.size(); i++) {
            int at = extents.isShared(i) ? slotOf(extents.place(i)) : -1;
            if (at >= 0 && entries[at] != 0) {
                long known = Math.min(entries[at + 1], extents.count(i));
                resolved.addKnown(extents, i, known, entries[at + 2], entries[at + 3]);
                isAnyKnown = true;
            } else {
                resolved.add(extents.fileBlock(i), extents.count(i), extents.place(i), extents.isShared(i));
                if (at >= 0 && size < maxEntries) {
                    put(at, extents.place(i), extents.count(i), file, extents.fileBlock(i));
                }
            }
        }
        return isAnyKnown ? resolved : extents;
    }

    private void put(int at, long place, long count, long file, long fileBlock) {
        set(at, place, count, file, fileBlock);
        size++;
        if (2 * size > slots) {
            grow();
        }
    }

    private void set(int at, long place, long count, long file, long fileBlock) {
        entries[at] = place + 1;
        entries[at + 1] = count;
        entries[at + 2] = file;
        entries[at + 3] = fileBlock;
    }

    private void grow() {
        long[] before = entries;
        slots *= 2;
        entries = new long[slots * LONGS];
        for (int at = 0; at < before.length; at += LONGS) {
            if (before[at] != 0) {
                set(slotOf(before[at] - 1), before[at] - 1, before[at + 1], before[at + 2], before[at + 3]);
            }
        }
    }

    void clear() {
        Arrays.fill(entries, 0);
        size = 0;
    }

    private int slotOf(long place) {
        int slot = (int) ((place * 0x9E3779B97F4A7C15L) >>> Integer.SIZE) & (slots - 1);
        while (entries[slot * LONGS] != 0 && entries[slot * LONGS] != place + 1) {
            slot = (slot + 1) & (slots - 1);
        }
        return slot * LONGS;
    }
}
