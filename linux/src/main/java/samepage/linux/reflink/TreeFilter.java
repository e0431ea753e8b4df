package samepage.linux.reflink;

/** Which files of a tree are wanted. Paths are from a root on, their names separated by slashes; they are not kept. */
public interface TreeFilter {
    /** All files. */
    TreeFilter ALL = new TreeFilter() {};

    /** Whether to look into a directory. */
    default boolean enters(byte[] path) {
        return true;
    }

    /** Whether a file takes part. */
    default boolean takes(byte[] path, long sizeBytes) {
        return true;
    }
}
