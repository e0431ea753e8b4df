package samepage.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/** Sizes and durations as people write them in options. */
final class AmountText {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmgt]?)(?:i?b)?");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|min|h)?");

    private AmountText() {}

    /** {@code 4096}, {@code 128k}, {@code 1M}, {@code 2GiB}: powers of 1024. */
    static long bytes(String option, String text) {
        var size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new Refusal(option + "=" + text, "is no size such as 128k, 64M or 1G");
        }
        var exponent = size.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(size.group(2));
        return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << (10 * exponent));
    }

    /** {@code 50}, {@code 50ms}, {@code 10s}, {@code 5min}; a bare number is of the unit given. */
    static Duration duration(String option, String text, String usualUnit) {
        var duration = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (!duration.matches()) {
            throw new Refusal(option + "=" + text, "is no duration such as 50ms, 10s or 5min");
        }
        var amount = Long.parseLong(duration.group(1));
        return switch (duration.group(2) == null ? usualUnit : duration.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "min" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
