package samepage.dedupe;

/** A block of a file. */
record BlockLocation(long file, long block) {
    /** Whether the scan comes here before it comes to the other. */
    boolean isBefore(long otherFile, long otherBlock) {
        return file < otherFile || (file == otherFile && block < otherBlock);
    }
}
