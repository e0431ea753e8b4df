package samepage.dedupe;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Runs that wait to be shared, in the order in which they were found: that of their targets (D2). Five longs a run, and two
 * more to sort.
 */
final class RunBatch {
    private static final int SOURCE_FILE = 0;
    private static final int SOURCE_OFFSET = 1;
    private static final int TARGET_FILE = 2;
    private static final int TARGET_OFFSET = 3;
    private static final int LENGTH = 4;
    private static final int RUN_LONGS = 5;

    private static final int INDEX_BITS = 22;
    private static final long LONGEST = (1L << (Long.SIZE - 2 - INDEX_BITS)) - 1;

    /**
     * Shorter runs save too little to go out of their turn: those found one after the other lie beside each other on the
     * device. In a volume just imported the order is worth a third of the time, where nothing is in memory.
     */
    static final int SHORT_BYTES = 64 << 10;

    /** Places in the order. */
    private static final int FIRST = 0;

    private static final int SECOND = 1;
    private static final int LAST = 2;

    /** The most runs that a batch may be made for. */
    static final int MAX_CAPACITY = 1 << INDEX_BITS;

    private final int capacity;
    private long[] runs = new long[64 * RUN_LONGS];
    private int size;
    private long bytes;

    RunBatch(int capacity) {
        this.capacity = capacity;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    /** The runs' lengths together. */
    long bytes() {
        return bytes;
    }

    /** Adds a run whose target lies after the targets of all others. */
    void add(RangePair run) {
        if ((size + 1) * RUN_LONGS > runs.length) {
            runs = Arrays.copyOf(runs, (int) Math.min(2L * runs.length, (long) capacity * RUN_LONGS));
        }
        int at = size * RUN_LONGS;
        runs[at + SOURCE_FILE] = run.sourceFile();
        runs[at + SOURCE_OFFSET] = run.sourceOffset();
        runs[at + TARGET_FILE] = run.targetFile();
        runs[at + TARGET_OFFSET] = run.targetOffset();
        runs[at + LENGTH] = run.lengthBytes();
        size++;
        bytes += run.lengthBytes();
    }

    RangePair get(int index) {
        int at = index * RUN_LONGS;
        return new RangePair(
                runs[at + SOURCE_FILE],
                runs[at + SOURCE_OFFSET],
                runs[at + TARGET_FILE],
                runs[at + TARGET_OFFSET],
                runs[at + LENGTH]);
    }

    void clear() {
        size = 0;
        bytes = 0;
    }

    /** True where a run that waits is going to remap a part of the range. */
    boolean remaps(long file, long offset, long lengthBytes) {
        return endingBy(file, offset) < beginningBefore(file, offset + lengthBytes);
    }

    /** How many runs' targets begin before that offset of that file: they are the first. */
    private int beginningBefore(long file, long offset) {
        return countOfFirst(at -> isBefore(at, runs[at + TARGET_OFFSET], file, offset));
    }

    /** How many end there or before: they are the first, too, for no two targets overlap. */
    private int endingBy(long file, long offset) {
        return countOfFirst(at -> isBefore(at, runs[at + TARGET_OFFSET] + runs[at + LENGTH], file, offset + 1));
    }

    /** Whether {@code ownOffset} of the target of the run that lies at {@code at} comes before that offset of that file. */
    private boolean isBefore(int at, long ownOffset, long file, long offset) {
        long ownFile = runs[at + TARGET_FILE];
        return ownFile < file || (ownFile == file && ownOffset < offset);
    }

    /** @param isOne whether the run that lies there is one of the first */
    private int countOfFirst(IntPredicate isOne) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isOne.test(middle * RUN_LONGS)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * The order to share them in, for a run whose source is remapped by others of the batch comes after these (D1, D3): first
     * those without such, then those that depend on no others but these, the longest first in both, and short ones as they
     * were found; then the rest, as they were found.
     */
    Order order() {
        long[] sideBySide = new long[size];
        int[] order = new int[size];
        int[] dependentAmongFirst = new int[size + 1];
        int[] counts = new int[LAST + 1];
        for (int i = 0; i < size; i++) {
            int place = placeOf(i, dependentAmongFirst);
            dependentAmongFirst[i + 1] = dependentAmongFirst[i] + (place == FIRST ? 0 : 1);
            if (place == LAST) {
                order[counts[LAST]] = i;
            } else {
                long shortness = LONGEST - weight(runs[i * RUN_LONGS + LENGTH]);
                sideBySide[counts[FIRST] + counts[SECOND]] = ((place * (LONGEST + 1) + shortness) << INDEX_BITS) | i;
            }
            counts[place]++;
        }
        int count = counts[FIRST] + counts[SECOND];
        System.arraycopy(order, 0, order, count, counts[LAST]);
        Arrays.sort(sideBySide, 0, count);
        for (int i = 0; i < count; i++) {
            order[i] = (int) (sideBySide[i] & (MAX_CAPACITY - 1));
        }
        return new Order(order, counts[FIRST], count);
    }

    /** What it counts in the order: shorter ones all the same. */
    private static long weight(long lengthBytes) {
        return lengthBytes < SHORT_BYTES ? 0 : Math.min(lengthBytes, LONGEST);
    }

    private int placeOf(int run, int[] dependentAmongFirst) {
        int at = run * RUN_LONGS;
        int from = endingBy(runs[at + SOURCE_FILE], runs[at + SOURCE_OFFSET]);
        int to = beginningBefore(runs[at + SOURCE_FILE], runs[at + SOURCE_OFFSET] + runs[at + LENGTH]);
        if (from >= to) {
            return FIRST;
        }
        return to <= run && dependentAmongFirst[from] == dependentAmongFirst[to] ? SECOND : LAST;
    }

    /**
     * Runs by their indices. The first {@code independentCount} may be shared in any order, or side by side; when they have
     * been, those up to {@code sideBySideCount}; then the others, one after the other.
     */
    static final class Order {
        private final int[] runs;
        private final int independentCount;
        private final int sideBySideCount;

        private Order(int[] runs, int independentCount, int sideBySideCount) {
            this.runs = runs;
            this.independentCount = independentCount;
            this.sideBySideCount = sideBySideCount;
        }

        int independentCount() {
            return independentCount;
        }

        int sideBySideCount() {
            return sideBySideCount;
        }

        int run(int place) {
            return runs[place];
        }
    }
}
