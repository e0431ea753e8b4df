package samepage.linux.syscall;

/**
 * A moment as Linux keeps it, over its whole range.
 *
 * @param seconds since 1970-01-01 UTC; negative before
 * @param nanoseconds forward from {@code seconds}: 0 to 999,999,999
 */
public record HostTime(long seconds, int nanoseconds) {
    public HostTime {
        if (nanoseconds < 0 || nanoseconds > 999_999_999) {
            throw new IllegalArgumentException("nanoseconds=" + nanoseconds);
        }
    }
}
