package samepage.verification.schedule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What came of an operation.
 *
 * @param refusal the errno where it was refused
 * @param cells what was read: a letter each, 0 for zeros, {@link #ABSENT} past the end, {@link #TORN} for a mixture
 * @param amount how much was done: cells written; cells found equal by a dedupe, -1 where it found a difference
 * @param newlyShared whether a dedupe shared something
 * @param pending completes when a write does that was only submitted
 */
@SuppressWarnings("ArrayRecordComponent") // read once, by the history
public record Outcome(
        @Nullable String refusal,
        int @Nullable [] cells,
        int amount,
        boolean newlyShared,
        @Nullable ControlledFuture<Integer> pending) {
    public static final int ABSENT = -1;
    public static final int TORN = -2;

    public static Outcome done(int amount) {
        return new Outcome(null, null, amount, false, null);
    }

    public static Outcome refused(String errno) {
        return new Outcome(errno, null, 0, false, null);
    }

    public static Outcome read(int[] cells) {
        return new Outcome(null, cells, cells.length, false, null);
    }

    public static Outcome deduped(int amount, boolean newlyShared) {
        return new Outcome(null, null, amount, newlyShared, null);
    }

    /** The end of what was submitted. */
    public static Outcome ended(int bytes) {
        return bytes < 0 ? refused("lost") : done(bytes / World.CELL_BYTES);
    }

    public static Outcome submitted(ControlledFuture<Integer> pending) {
        return new Outcome(null, null, 0, false, pending);
    }

    @Override
    public String toString() {
        return refusal != null ? refusal : cells != null ? text(cells) : Integer.toString(amount);
    }

    private static String text(int[] cells) {
        var text = new StringBuilder();
        Arrays.stream(cells).forEach(cell -> text.append(letter(cell)));
        return text.toString();
    }

    static char letter(int cell) {
        return switch (cell) {
            case ABSENT -> '-';
            case TORN -> '!';
            case 0 -> '0';
            default -> (char) cell;
        };
    }
}
