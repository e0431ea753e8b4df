package samepage.dedupe;

import java.util.Arrays;

/**
 * Runs that wait to be shared, in the order in which they were found: that of their targets (D2). Five longs a run, and one
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
    private static final long LONGEST = (1L << (Long.SIZE - 1 - INDEX_BITS)) - 1;

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
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            long middleFile = runs[middle * RUN_LONGS + TARGET_FILE];
            if (middleFile < file
                    || (middleFile == file && runs[middle * RUN_LONGS + TARGET_OFFSET] < offset + lengthBytes)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int last = (low - 1) * RUN_LONGS;
        return low > 0 && runs[last + TARGET_FILE] == file && runs[last + TARGET_OFFSET] + runs[last + LENGTH] > offset;
    }

    /**
     * The order to share them in: the longest first; then those whose sources are remapped by others of the batch, as they
     * were found, each after what it depends on (D1, D3).
     */
    Order order() {
        long[] independent = new long[size];
        int[] order = new int[size];
        int independentCount = 0;
        int next = size;
        for (int i = size - 1; i >= 0; i--) {
            RangePair run = get(i);
            if (remaps(run.sourceFile(), run.sourceOffset(), run.lengthBytes())) {
                order[--next] = i;
            } else {
                long shortness = LONGEST - Math.min(run.lengthBytes(), LONGEST);
                independent[independentCount++] = (shortness << INDEX_BITS) | i;
            }
        }
        Arrays.sort(independent, 0, independentCount);
        for (int i = 0; i < independentCount; i++) {
            order[i] = (int) (independent[i] & (MAX_CAPACITY - 1));
        }
        return new Order(order, independentCount);
    }

    /** Runs by their indices; the first {@code independentCount} may be shared in any order, or side by side. */
    static final class Order {
        private final int[] runs;
        private final int independentCount;

        private Order(int[] runs, int independentCount) {
            this.runs = runs;
            this.independentCount = independentCount;
        }

        int independentCount() {
            return independentCount;
        }

        int run(int place) {
            return runs[place];
        }
    }
}
