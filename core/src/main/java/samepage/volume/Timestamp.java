package samepage.volume;

import java.time.Instant;

/**
 * A moment, as inodes keep it.
 *
 * @param seconds since 1970-01-01T00:00:00Z; may be negative
 * @param nanos 0 to 999,999,999, counted upwards from {@code seconds}
 */
public record Timestamp(long seconds, int nanos) implements Comparable<Timestamp> {
    public Timestamp {
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IllegalArgumentException("nanos=" + nanos);
        }
    }

    /** The host's clock, now. */
    public static Timestamp now() {
        return of(Instant.now());
    }

    public static Timestamp of(Instant instant) {
        return new Timestamp(instant.getEpochSecond(), instant.getNano());
    }

    public Instant toInstant() {
        return Instant.ofEpochSecond(seconds, nanos);
    }

    @Override
    public int compareTo(Timestamp other) {
        int bySeconds = Long.compare(seconds, other.seconds);
        return bySeconds != 0 ? bySeconds : Integer.compare(nanos, other.nanos);
    }
}
