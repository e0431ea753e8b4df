package samepage.cli;

import java.time.Duration;
import java.util.Locale;

/** Sizes, counts and durations as people read them. */
final class HumanText {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private HumanText() {}

    /** {@code 17 bytes}, {@code 3.2 MiB}. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes == 1 ? "1 byte" : bytes + " bytes";
        }
        double amount = bytes / 1024.0;
        var unit = 0;
        while (amount >= 999.95 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, amount < 99.95 ? "%.1f %s" : "%.0f %s", amount, UNITS[unit]);
    }

    /** {@code 1 file}, {@code 12,345 files}. */
    static String count(long count, String singular, String plural) {
        return number(count) + " " + (count == 1 ? singular : plural);
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 0.3 s}, {@code 42 s}, {@code 3 min 20 s}, {@code 2 h 5 min}. */
    static String duration(double seconds) {
        if (seconds < 9.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        var whole = Math.round(seconds);
        if (whole < 100) {
            return whole + " s";
        }
        if (whole < 3600) {
            return whole / 60 + " min " + whole % 60 + " s";
        }
        return whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    /** Milliseconds and their fractions, for programs. */
    static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    /** {@code 120 MiB/s}. */
    static String rate(long bytes, double seconds) {
        return size((long) (bytes / Math.max(seconds, 1e-3))) + "/s";
    }
}
