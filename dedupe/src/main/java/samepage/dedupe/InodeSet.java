package samepage.dedupe;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/** A set of inode numbers, or others like them, a bit each: ten million neighbouring ones take little more than a megabyte. */
public final class InodeSet {
    private static final int BITS = 1 << 16;

    private final TreeMap<Long, BitSet> parts = new TreeMap<>();
    private long size;

    /** An empty set. */
    public InodeSet() {}

    /** Adds a number; false where it was in. */
    public boolean add(long ino) {
        BitSet part = parts.computeIfAbsent(ino / BITS, _ -> new BitSet());
        int bit = (int) (ino % BITS);
        if (part.get(bit)) {
            return false;
        }
        part.set(bit);
        size++;
        return true;
    }

    /** Whether the number is in. */
    public boolean contains(long ino) {
        BitSet part = parts.get(ino / BITS);
        return part != null && part.get((int) (ino % BITS));
    }

    /** How many numbers are in. */
    public long size() {
        return size;
    }

    /** The lowest number from {@code ino} on, or -1. */
    long next(long ino) {
        int bit = (int) (ino % BITS);
        for (Map.Entry<Long, BitSet> part : parts.tailMap(ino / BITS).entrySet()) {
            int found = part.getValue().nextSetBit(part.getKey() == ino / BITS ? bit : 0);
            if (found >= 0) {
                return part.getKey() * BITS + found;
            }
        }
        return -1;
    }
}
