package samepage.remap;

/**
 * Two ranges of equal length, in blocks of their files.
 *
 * @param bytes the length in bytes; of the last block only a part may belong to the files
 */
record BlockRangePair(long sourceFrom, long targetFrom, long blockCount, long bytes) {
    static final BlockRangePair EMPTY = new BlockRangePair(0, 0, 0, 0);

    long sourceEnd() {
        return sourceFrom + blockCount;
    }

    long targetEnd() {
        return targetFrom + blockCount;
    }

    /** The part of it from block offset {@code from} to {@code to}. */
    BlockRangePair part(long from, long to, int blockSize) {
        long partBytes = Math.min(bytes, to * blockSize) - from * blockSize;
        return new BlockRangePair(sourceFrom + from, targetFrom + from, to - from, partBytes);
    }

    /** How many of the range's bytes lie in these blocks of it. */
    long bytesOf(BlockOffsets blocks, int blockSize) {
        long whole = blocks.blockCount() * blockSize;
        boolean withTail = !blocks.isEmpty() && blocks.runs().getLast().to() == blockCount;
        return withTail ? whole - (blockCount * blockSize - bytes) : whole;
    }

    boolean isEmpty() {
        return blockCount == 0;
    }
}
