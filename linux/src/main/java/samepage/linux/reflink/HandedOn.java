package samepage.linux.reflink;

/**
 * Inodes that were handed on, by subvolume: a word of bits for each group of 64 neighbouring numbers, for file systems give
 * them out in groups. Of bounded size: an inode whose group finds no room is not remembered, and a file with several names is
 * then one more that shares all its storage already. Open addressing, three longs a group:
 *
 * <pre>
 *   | inode / 64 + 1 | subvolume | bits |      0 in place of an inode: free
 * </pre>
 */
final class HandedOn {
    private static final int LONGS = 3;
    private static final int SMALLEST_SLOTS = 1 << 8;

    private final int maxGroups;
    private long[] groups = new long[SMALLEST_SLOTS * LONGS];
    private int slots = SMALLEST_SLOTS;
    private int size;

    HandedOn(int maxGroups) {
        this.maxGroups = maxGroups;
    }

    /** Adds an inode, where there is room for it; false where it was in. */
    boolean add(long subvolume, long inode) {
        long group = inode / Long.SIZE + 1;
        int at = slotOf(subvolume, group);
        if (groups[at] == 0) {
            if (size == maxGroups) {
                return true;
            }
            at = put(at, subvolume, group);
        }
        long bit = 1L << (inode % Long.SIZE);
        boolean isNew = (groups[at + 2] & bit) == 0;
        groups[at + 2] |= bit;
        return isNew;
    }

    private int put(int free, long subvolume, long group) {
        int at = free;
        if (2 * (size + 1) > slots) {
            grow();
            at = slotOf(subvolume, group);
        }
        size++;
        groups[at] = group;
        groups[at + 1] = subvolume;
        return at;
    }

    private void grow() {
        long[] before = groups;
        slots *= 2;
        groups = new long[slots * LONGS];
        for (int from = 0; from < before.length; from += LONGS) {
            if (before[from] != 0) {
                int at = slotOf(before[from + 1], before[from]);
                System.arraycopy(before, from, groups, at, LONGS);
            }
        }
    }

    private int slotOf(long subvolume, long group) {
        long hash = (group + subvolume * 0xBF58476D1CE4E5B9L) * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> Integer.SIZE) & (slots - 1);
        while (groups[slot * LONGS] != 0 && (groups[slot * LONGS] != group || groups[slot * LONGS + 1] != subvolume)) {
            slot = (slot + 1) & (slots - 1);
        }
        return slot * LONGS;
    }
}
