package samepage.remap;

/**
 * How a dedupe goes about it. The outcome is the same either way.
 *
 * @param protocol whether it compares before it takes the locks
 * @param threads how many threads compare a long range
 */
public record RemapOptions(Protocol protocol, int threads) {
    /** The optimistic way, with every core. */
    public static final RemapOptions DEFAULT =
            new RemapOptions(Protocol.OPTIMISTIC, Runtime.getRuntime().availableProcessors());

    /** Whether writers wait for the compare. */
    public enum Protocol {
        /** Compare with both files locked. */
        LOCKED,
        /** Compare with no lock held, and under the locks only what has changed meanwhile. */
        OPTIMISTIC
    }
}
