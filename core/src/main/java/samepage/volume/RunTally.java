package samepage.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Counts how many of the runs given to it cover each block: what the reference counts should be. Takes 8 bytes a run, less
 * where runs come that continue each other.
 */
/*
 * A run is one long, 43 bits of start and 20 bits of length, so that sorting needs no objects; chunks are sorted one by one
 * and merged on the way out, so that growing copies nothing. On the way out the ends of the runs that cover the present block
 * are kept in a heap: its size is the count.
 */
final class RunTally {
    /** Blocks from here on cannot be told from others; no device is as large: 32 PiB of 4 KiB blocks. */
    static final long END_OF_DEVICES = 1L << 43;

    private static final int LENGTH_BITS = 20;
    private static final int LONGEST = 1 << LENGTH_BITS;
    private static final int FIRST_CHUNK = 1 << 10;
    private static final int LARGEST_CHUNK = 1 << 20;

    private final List<long[]> chunks = new ArrayList<>();
    private long[] chunk = new long[FIRST_CHUNK];
    private int inChunk;
    private long lastStart;
    private long lastEnd;

    /** One more run, within {@link #END_OF_DEVICES}. */
    void add(PhysicalRun run) {
        if (run.start() == lastEnd) {
            lastEnd = run.end();
        } else {
            put();
            lastStart = run.start();
            lastEnd = run.end();
        }
    }

    private void put() {
        while (lastStart < lastEnd) {
            long length = Math.min(LONGEST, lastEnd - lastStart);
            if (inChunk == chunk.length) {
                chunks.add(chunk);
                chunk = new long[Math.min(LARGEST_CHUNK, chunk.length * 2)];
                inChunk = 0;
            }
            chunk[inChunk++] = lastStart << LENGTH_BITS | (length - 1);
            lastStart += length;
        }
    }

    /** The counts, upwards; nothing may be added any more. */
    Counts counts() {
        put();
        chunks.add(Arrays.copyOf(chunk, inChunk));
        chunk = new long[0];
        inChunk = 0;
        chunks.forEach(Arrays::sort);
        return new Counts(chunks);
    }

    /** Runs of blocks covered by equally many; neighbours may have the same count. */
    static final class Counts {
        private static final long NO_MORE = Long.MAX_VALUE;

        private final List<long[]> chunks;
        private final int[] positions;
        private final LongHeap ends = new LongHeap();
        private long nextRun;
        private long position;

        private Counts(List<long[]> chunks) {
            this.chunks = chunks;
            this.positions = new int[chunks.size()];
            this.nextRun = takeLeast();
        }

        /** The next run; {@code references} is 0 and it has no end once there is none. */
        SpaceMap.Counted next() {
            if (ends.isEmpty()) {
                if (nextRun == NO_MORE) {
                    return new SpaceMap.Counted(Long.MAX_VALUE, 0, 0);
                }
                position = nextRun >>> LENGTH_BITS;
            }
            while (nextRun != NO_MORE && nextRun >>> LENGTH_BITS == position) {
                ends.add(position + (nextRun & (LONGEST - 1)) + 1);
                nextRun = takeLeast();
            }
            long start = position;
            position = nextRun == NO_MORE ? ends.least() : Math.min(ends.least(), nextRun >>> LENGTH_BITS);
            var counted = new SpaceMap.Counted(start, position - start, ends.size());
            while (!ends.isEmpty() && ends.least() == position) {
                ends.removeLeast();
            }
            return counted;
        }

        private long takeLeast() {
            long least = NO_MORE;
            int leastChunk = -1;
            for (int i = 0; i < positions.length; i++) {
                long[] candidates = chunks.get(i);
                if (positions[i] < candidates.length && candidates[positions[i]] < least) {
                    least = candidates[positions[i]];
                    leastChunk = i;
                }
            }
            if (leastChunk >= 0) {
                positions[leastChunk]++;
            }
            return least;
        }
    }

    /** A binary heap of numbers. */
    private static final class LongHeap {
        private long[] numbers = new long[16];
        private int size;

        boolean isEmpty() {
            return size == 0;
        }

        int size() {
            return size;
        }

        long least() {
            return numbers[0];
        }

        void add(long number) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, size * 2);
            }
            int at = size++;
            while (at > 0 && numbers[(at - 1) / 2] > number) {
                numbers[at] = numbers[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            numbers[at] = number;
        }

        void removeLeast() {
            long moved = numbers[--size];
            int at = 0;
            while (2 * at + 1 < size) {
                int child = 2 * at + 1;
                if (child + 1 < size && numbers[child + 1] < numbers[child]) {
                    child++;
                }
                if (numbers[child] >= moved) {
                    break;
                }
                numbers[at] = numbers[child];
                at = child;
            }
            numbers[at] = moved;
        }
    }
}
