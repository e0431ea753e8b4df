package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.locks.LockSupport;

/** Keeps readers, all together, below so many bytes a second. */
final class ReadRate {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long bytesPerSecond;

    /** When the bytes that were let through so far will have had their time. */
    @GuardedBy("this") private long dueNanos = System.nanoTime();

    /** @param bytesPerSecond 0 for as fast as it goes */
    ReadRate(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    boolean isLimited() {
        return bytesPerSecond != 0;
    }

    /** Waits until so many bytes may be read. */
    void await(long bytes) {
        if (bytesPerSecond == 0) {
            return;
        }
        long until = reserve(bytes);
        for (long now = System.nanoTime();
                until - now > 0 && !Thread.currentThread().isInterrupted(); ) {
            LockSupport.parkNanos(until - now);
            now = System.nanoTime();
        }
    }

    private synchronized long reserve(long bytes) {
        long begin = Math.max(dueNanos, System.nanoTime());
        dueNanos = begin + (long) (bytes * NANOS_PER_SECOND / bytesPerSecond);
        return begin;
    }
}
