package samepage.io;

/**
 * How far one reader of a file reads ahead: twice as far at every read that goes on where the last one ended, not at all
 * for others. One for each open file; a race between its readers costs a guess, nothing else.
 */
public final class ReadAhead {
    private static final long MIN_BYTES = 64 << 10;
    private static final long MAX_BYTES = 2 << 20;

    private long nextOffset;
    private long windowBytes = MIN_BYTES;

    /** Bytes worth reading from {@code offset} on for a read of {@code length} there. */
    long window(long offset, long length) {
        if (offset == nextOffset) {
            windowBytes = Math.min(MAX_BYTES, windowBytes * 2);
        } else {
            windowBytes = MIN_BYTES;
        }
        boolean sequential = offset == nextOffset;
        nextOffset = offset + length;
        return sequential ? Math.max(length, windowBytes) : length;
    }
}
