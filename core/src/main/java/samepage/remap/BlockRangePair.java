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

    boolean isEmpty() {
        return blockCount == 0;
    }
}
