package samepage.io;

/** Turns a file's bytes into its blocks and back, up to the greatest size without overflow. */
record BlockSize(int bytes) {
    /** The block that holds the byte at {@code offset}. */
    long containing(long offset) {
        return offset / bytes;
    }

    /** How many blocks, from the first on, hold the bytes before {@code endBytes}. */
    long upTo(long endBytes) {
        return endBytes / bytes + (endBytes % bytes == 0 ? 0 : 1);
    }

    /** The offset at which a block begins, no greater than a file can be long. */
    long startOf(long block) {
        return block > Long.MAX_VALUE / bytes ? Long.MAX_VALUE : block * bytes;
    }
}
