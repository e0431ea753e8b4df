package samepage.dedupe;

/** Two ranges of equal length, of two files or of one. Files are the target's ids; offsets and length are bytes. */
public record RangePair(long sourceFile, long sourceOffset, long targetFile, long targetOffset, long lengthBytes) {
    long sourceEnd() {
        return sourceOffset + lengthBytes;
    }

    long targetEnd() {
        return targetOffset + lengthBytes;
    }

    /** The part of {@code length} bytes at {@code from}, counted from the ranges' beginnings. */
    RangePair part(long from, long length) {
        return new RangePair(sourceFile, sourceOffset + from, targetFile, targetOffset + from, length);
    }
}
