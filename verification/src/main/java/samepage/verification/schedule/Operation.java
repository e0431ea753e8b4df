package samepage.verification.schedule;

/**
 * What one thread does once. Files are numbered from 0. A block is two cells; a cell is what moves at once. Values are
 * letters, with which a cell is filled.
 */
public sealed interface Operation {
    /** A buffered write. */
    record Write(int file, int cell, int cells, char value) implements Operation {}

    /** A buffered read. */
    record Read(int file, int cell, int cells) implements Operation {}

    /**
     * A direct write.
     *
     * @param async whether it returns once it is submitted
     */
    record DirectWrite(int file, int block, int blocks, char value, boolean async) implements Operation {}

    record DirectRead(int file, int block, int blocks) implements Operation {}

    /** A store through a memory map, through the window that the thread has on the block, or through a new one. */
    record MapStore(int file, int cell, char value) implements Operation {}

    /** Loads, likewise. */
    record MapLoad(int file, int cell) implements Operation {}

    /** Takes a layout lease, which its holder gives back when it is asked to, or at {@link LeaseReturn}, or at its end. */
    record Lease(int file, int block, int blocks, boolean toWrite) implements Operation {}

    /** Writes a block through the thread's lease. The file has it when the lease is back. */
    record LeaseWrite(int file, int block, char value) implements Operation {}

    /** Reads a block through the thread's lease. */
    record LeaseRead(int file, int block) implements Operation {}

    /** Gives the thread's leases back. */
    record LeaseReturn() implements Operation {}

    record Punch(int file, int cell, int cells) implements Operation {}

    record Truncate(int file, int cells) implements Operation {}

    record Collapse(int file, int block, int blocks) implements Operation {}

    record Insert(int file, int block, int blocks) implements Operation {}

    record Allocate(int file, int block, int blocks) implements Operation {}

    /**
     * A clone.
     *
     * @param blocks 0 for all up to the source's end
     */
    record Clone(int source, int from, int target, int to, int blocks) implements Operation {}

    /**
     * A dedupe.
     *
     * @param cells the length: whole blocks, or up to an end in mid-block
     */
    record Dedupe(int source, int from, int target, int to, int cells, boolean optimistic) implements Operation {}

    record WriteBack(int file) implements Operation {}

    record Fsync(int file) implements Operation {}

    record Commit() implements Operation {}

    /** Drops what is clean of the file's pages. */
    record DropClean(int file) implements Operation {}

    /** Reads so much of something else that clean pages are evicted. */
    record Pressure() implements Operation {}

    /** Takes the file's last name away; whoever uses it goes on doing so. */
    record Unlink(int file) implements Operation {}

    /** Renames the two files to each other's places: locks them as a rename across directories does. */
    record Rename(int one, int other) implements Operation {}

    /** The power fails here: what a volume would be that is opened from what the device and the store have now. */
    record PowerCut() implements Operation {}
}
