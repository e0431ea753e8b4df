package samepage.volume;

/** Puts records that are kept in memory between commits, such as access times. */
public interface LazyRecords {
    void putAll(Sink transaction);

    /** What they keep in memory until they are put, in bytes of the heap, about. */
    default long heapBytes() {
        return 0;
    }

    /** Takes inode records into the transaction that is being closed. */
    interface Sink {
        void put(InodeRecord inode);

        /** What {@link Volume#commit(long)} takes to make the transaction durable. */
        long sequence();
    }
}
