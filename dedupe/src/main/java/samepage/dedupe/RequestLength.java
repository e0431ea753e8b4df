package samepage.dedupe;

import java.time.Duration;

/**
 * How long a request may be so that no writer waits longer than the budget says: what earlier ones took tells. Requests that
 * take long make the next ones shorter in proportion; those that take little make them longer, by a half at most.
 */
final class RequestLength {
    private static final double LARGEST_GROWTH = 1.5;
    private static final double LARGEST_SHRINKAGE = 1.0 / 16;

    /** Aims below the budget: no two requests of one length take the same. */
    private static final double AIM = 0.7;

    private final long smallestBytes;
    private final long largestBytes;
    private final long aimNanos;
    private volatile long bytes;

    RequestLength(long smallestBytes, long largestBytes, Duration budget) {
        this.smallestBytes = smallestBytes;
        this.largestBytes = largestBytes;
        this.aimNanos = Math.max(1, (long) (AIM * budget.toNanos()));
        this.bytes = largestBytes;
    }

    /** The longest request to make now; a multiple of the smallest. */
    long bytes() {
        return bytes;
    }

    /** A request of that length kept writers waiting for so long. Short ones say nothing of long ones unless they took too long. */
    void took(long requestBytes, Duration stall) {
        long now = bytes;
        double factor = (double) aimNanos / Math.max(1, stall.toNanos());
        if (factor >= 1 && requestBytes < now) {
            return;
        }
        long wanted = (long) (requestBytes * Math.clamp(factor, LARGEST_SHRINKAGE, LARGEST_GROWTH));
        long whole = Math.max(smallestBytes, wanted - wanted % smallestBytes);
        bytes = Math.min(largestBytes, whole);
    }
}
