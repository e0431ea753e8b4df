package samepage.cli;

import java.io.IOException;
import java.util.Arrays;

/**
 * How often each block of a device is referred to by the runs that were added. Where runs begin and where they end are kept apart, each
 * in a sorted array: the count at a block is the number of beginnings up to it less the number of ends. A run that begins where another
 * ends cancels out, so that memory is bounded by the number of pieces that truly lie apart: 16 bytes each.
 */
final class RunCounts {
    private long[] starts = new long[1024];
    private long[] ends = new long[1024];
    private int size;
    private int sizeAfterCancelling;

    /** Takes runs of blocks that are referred to equally often. */
    interface Visitor {
        void visit(long start, long blockCount, long references) throws IOException;
    }

    void add(long start, long blockCount) {
        if (size == starts.length) {
            makeRoom();
        }
        starts[size] = start;
        ends[size] = start + blockCount;
        size++;
    }

    /** Visits the runs in ascending order, each as long as can be. */
    void forEach(Visitor visitor) throws IOException {
        cancel();
        var start = 0;
        var end = 0;
        var references = 0L;
        var position = 0L;
        while (end < size) {
            var next = start < size ? Math.min(starts[start], ends[end]) : ends[end];
            if (references > 0 && next > position) {
                visitor.visit(position, next - position, references);
            }
            for (; start < size && starts[start] == next; start++) {
                references++;
            }
            for (; end < size && ends[end] == next; end++) {
                references--;
            }
            position = next;
        }
    }

    private void makeRoom() {
        cancel();
        // Where little cancels out, trying again soon would cost more than memory.
        if (size > starts.length / 2) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
            ends = Arrays.copyOf(ends, starts.length);
        }
    }

    private void cancel() {
        if (size == sizeAfterCancelling) {
            return;
        }
        Arrays.sort(starts, 0, size);
        Arrays.sort(ends, 0, size);
        var kept = new long[2][size];
        var start = 0;
        var end = 0;
        var keptStarts = 0;
        var keptEnds = 0;
        while (start < size || end < size) {
            if (start < size && end < size && starts[start] == ends[end]) {
                start++;
                end++;
            } else if (start < size && (end == size || starts[start] < ends[end])) {
                kept[0][keptStarts++] = starts[start++];
            } else {
                kept[1][keptEnds++] = ends[end++];
            }
        }
        System.arraycopy(kept[0], 0, starts, 0, keptStarts);
        System.arraycopy(kept[1], 0, ends, 0, keptEnds);
        size = keptStarts;
        sizeAfterCancelling = size;
    }
}
