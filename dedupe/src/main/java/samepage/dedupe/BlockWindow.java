package samepage.dedupe;

import java.util.Arrays;

/**
 * Fingerprints and places of neighbouring blocks of one file. It covers {@code [from, end)}; blocks before {@code base} have
 * no data, and the arrays hold those from {@code base} on:
 *
 * <pre>
 *   from            base                            end
 *   |    no data    | 0 | 1 | 2 | ...               |
 * </pre>
 */
public final class BlockWindow {
    /** The place of a block that has no data: in a hole, or allocated only. */
    public static final long NO_DATA = -1;

    /** The place of a block of which only the content is known; it is never taken for shared already. */
    public static final long UNKNOWN_PLACE = -2;

    /** The place of a block that is stored though all its bytes are zero: it may share the storage of a hole, which is none. */
    public static final long ZEROS = -3;

    /** Stands for the upper half of the fingerprint of a block that was looked at before, as a part of another file. */
    public static final long SEEN = 0;

    /** The number of no file: as a source of ranges, a hole as long as one likes. */
    public static final long HOLE_FILE = -1;

    private final long[] high;
    private final long[] low;
    private final long[] place;
    private long from;
    private long base;
    private long end;

    /** A window over nothing, with room for {@code capacity} blocks. */
    public BlockWindow(int capacity) {
        high = new long[capacity];
        low = new long[capacity];
        place = new long[capacity];
        clear();
    }

    /** How many blocks with data it has room for. */
    public int capacity() {
        return place.length;
    }

    /**
     * From now on covers {@code [fromBlock, endBlock)}, all without data until {@link #put} says otherwise.
     *
     * @param baseBlock no block before it has data
     * @param endBlock at most {@code baseBlock + capacity()}; or {@link Long#MAX_VALUE} where no block from there on has data
     */
    public void cover(long fromBlock, long baseBlock, long endBlock) {
        from = fromBlock;
        base = baseBlock;
        end = endBlock;
        Arrays.fill(place, NO_DATA);
    }

    /**
     * Says what a block holds.
     *
     * @param block from the base on, by less than {@link #capacity()}
     * @param fingerprintHigh by this half the index finds blocks; {@link #SEEN} where there is nothing to find
     * @param fingerprintLow by this half neighbours are compared; may have fewer bits than a long, the lower ones
     * @param blockPlace where it is stored, the same number only for the same storage; {@link #UNKNOWN_PLACE} or {@link #ZEROS}
     */
    public void put(long block, long fingerprintHigh, long fingerprintLow, long blockPlace) {
        int slot = (int) (block - base);
        high[slot] = fingerprintHigh;
        low[slot] = fingerprintLow;
        place[slot] = blockPlace;
    }

    void clear() {
        cover(-1, -1, -1);
    }

    boolean covers(long block) {
        return block >= from && block < end;
    }

    long from() {
        return from;
    }

    long end() {
        return end;
    }

    long place(long block) {
        long slot = block - base;
        return slot < 0 || slot >= place.length ? NO_DATA : place[(int) slot];
    }

    /** Of a block that has data. */
    long high(long block) {
        return high[(int) (block - base)];
    }

    /** Of a block that has data. */
    long low(long block) {
        return low[(int) (block - base)];
    }

    /** The first block from {@code block} on that has data, or {@link #end()}. */
    long nextData(long block) {
        for (long slot = Math.max(0, block - base); slot < place.length && base + slot < end; slot++) {
            if (place[(int) slot] != NO_DATA) {
                return base + slot;
            }
        }
        return end;
    }
}
