package samepage.linux.fuse;

import java.util.Arrays;

/**
 * How often the kernel has been told of each inode. Millions of them can be known to it, so this is a plain hash table of
 * longs, 32 bytes for each in the mean, and not a map of objects. Guarded by its user.
 */
final class LookupCounts {
    private static final int LEAST_SLOTS = 64;

    private long[] inos = new long[LEAST_SLOTS];
    private long[] counts = new long[LEAST_SLOTS];
    private int used;

    long get(long ino) {
        int slot = slotOf(ino);
        return inos[slot] == ino ? counts[slot] : 0;
    }

    /** Adds to the count; gives it as it is then. */
    long add(long ino, long more) {
        int slot = slotOf(ino);
        if (inos[slot] != ino) {
            if (used * 2 >= inos.length) {
                resize(inos.length * 2);
                slot = slotOf(ino);
            }
            inos[slot] = ino;
            used++;
        }
        counts[slot] += more;
        return counts[slot];
    }

    /** Takes from the count; gives what is left, at least 0. */
    long subtract(long ino, long less) {
        int slot = slotOf(ino);
        if (inos[slot] != ino) {
            return 0;
        }
        counts[slot] -= less;
        if (counts[slot] > 0) {
            return counts[slot];
        }
        remove(slot);
        if (inos.length > LEAST_SLOTS && used * 8 < inos.length) {
            resize(inos.length / 2);
        }
        return 0;
    }

    /** The slot that has the inode, or the free one where it belongs. Inode 0 does not exist: it marks free slots. */
    private int slotOf(long ino) {
        int mask = inos.length - 1;
        int slot = home(ino);
        while (inos[slot] != ino && inos[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private int home(long ino) {
        return (int) ((ino * 0x9E3779B97F4A7C15L) >>> 32) & (inos.length - 1);
    }

    /** Moves up what would not be found any more across the gap. */
    private void remove(int gap) {
        int mask = inos.length - 1;
        int free = gap;
        for (int slot = (gap + 1) & mask; inos[slot] != 0; slot = (slot + 1) & mask) {
            int distanceFromHome = (slot - home(inos[slot])) & mask;
            if (distanceFromHome >= ((slot - free) & mask)) {
                inos[free] = inos[slot];
                counts[free] = counts[slot];
                free = slot;
            }
        }
        inos[free] = 0;
        counts[free] = 0;
        used--;
    }

    private void resize(int slots) {
        long[] oldInos = inos;
        long[] oldCounts = Arrays.copyOf(counts, counts.length);
        inos = new long[slots];
        counts = new long[slots];
        for (int i = 0; i < oldInos.length; i++) {
            if (oldInos[i] != 0) {
                int slot = slotOf(oldInos[i]);
                inos[slot] = oldInos[i];
                counts[slot] = oldCounts[i];
            }
        }
    }
}
