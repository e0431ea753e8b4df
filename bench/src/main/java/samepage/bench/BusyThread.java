package samepage.bench;

import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Does one small thing over and over, at a pace or flat out, and remembers when each began and how long it took. */
final class BusyThread {
    private static final int MAX_CALLS = 8 << 20;

    /** Not looked up among the pauses. */
    private static final long UNREMARKABLE_NANOS = 20_000;

    private final long paceNanos;
    private final long[] starts = new long[MAX_CALLS];
    private final long[] nanos = new long[MAX_CALLS];
    private int calls;

    /** Something that takes a while. */
    interface Work {
        void run() throws Exception;
    }

    /** @param paceNanos from one beginning to the next; 0 is flat out */
    BusyThread(long paceNanos) {
        this.paceNanos = paceNanos;
    }

    /** Runs {@code other} on this thread while calls go on on another; gives those that overlapped it. */
    Latencies during(Work other, Work call) throws Exception {
        calls = 0;
        var stop = new AtomicBoolean();
        try (var pauses = new GcPauses();
                var executor = Executors.newSingleThreadExecutor()) {
            var done = executor.submit(() -> {
                callUntil(stop, call);
                return true;
            });
            try {
                Thread.sleep(20);
                long start = System.nanoTime();
                other.run();
                long end = System.nanoTime();
                stop.set(true);
                done.get();
                pauses.end();
                return latencies(start, end, pauses);
            } finally {
                stop.set(true);
            }
        }
    }

    private void callUntil(AtomicBoolean stop, Work call) throws Exception {
        long next = System.nanoTime();
        while (!stop.get() && calls < MAX_CALLS) {
            long start = System.nanoTime();
            call.run();
            starts[calls] = start;
            nanos[calls++] = System.nanoTime() - start;
            next += paceNanos;
            while (paceNanos > 0 && System.nanoTime() < next) {
                LockSupport.parkNanos(next - System.nanoTime());
            }
        }
    }

    private Latencies latencies(long start, long end, GcPauses pauses) {
        long[] within = new long[calls];
        int count = 0;
        long longestOutsideGc = 0;
        for (int i = 0; i < calls; i++) {
            if (starts[i] < end && starts[i] + nanos[i] > start) {
                within[count++] = nanos[i];
                if (nanos[i] > longestOutsideGc) {
                    boolean remarkable = nanos[i] > UNREMARKABLE_NANOS;
                    long outside = remarkable ? pauses.outside(starts[i], starts[i] + nanos[i]) : nanos[i];
                    longestOutsideGc = Math.max(longestOutsideGc, outside);
                }
            }
        }
        long[] sorted = Arrays.copyOf(within, count);
        Arrays.sort(sorted);
        return new Latencies(sorted, longestOutsideGc / 1e9, pauses.longest(start, end), (end - start) / 1e9);
    }

    /**
     * How long calls took.
     *
     * @param sortedNanos all that overlapped the other work
     * @param longestOutsideGc seconds
     * @param longestGc seconds
     * @param otherSeconds how long the other work took
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Latencies(long[] sortedNanos, double longestOutsideGc, double longestGc, double otherSeconds) {
        double atRank(double rank) {
            int count = sortedNanos.length;
            return count == 0 ? Double.NaN : sortedNanos[(int) Math.min(count - 1, (long) (rank * count))] / 1e9;
        }
    }
}
