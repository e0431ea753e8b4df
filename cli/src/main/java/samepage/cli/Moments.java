package samepage.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import samepage.linux.syscall.HostTime;
import samepage.vfs.SetAttributes.NewTime;
import samepage.volume.Timestamp;

/** Moments, between the host, the volume and people. */
final class Moments {
    private static final DateTimeFormatter MINUTES =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final DateTimeFormatter NANOSECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSSSSSSSS xx", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    private Moments() {}

    static Timestamp ofHost(HostTime time) {
        return new Timestamp(time.seconds(), time.nanoseconds());
    }

    static NewTime toSet(HostTime time) {
        return NewTime.at(ofHost(time));
    }

    static HostTime toHost(Timestamp time) {
        return new HostTime(time.seconds(), time.nanos());
    }

    /** {@code 2026-03-01 12:30}, in the local time zone. */
    static String toMinutes(Timestamp time) {
        return text(time, MINUTES);
    }

    /** All that is known, in the local time zone. */
    static String exact(Timestamp time) {
        return text(time, NANOSECONDS);
    }

    /** As ISO 8601 in UTC, for programs. */
    static String iso(Timestamp time) {
        return isDate(time) ? time.toInstant().toString() : "@" + time.seconds() + "." + time.nanos();
    }

    private static String text(Timestamp time, DateTimeFormatter format) {
        return isDate(time) ? format.format(time.toInstant()) : "@" + time.seconds();
    }

    private static boolean isDate(Timestamp time) {
        return time.seconds() > Instant.MIN.getEpochSecond() && time.seconds() < Instant.MAX.getEpochSecond();
    }
}
