package samepage.vfs;

/** What a file is opened for. */
public enum OpenFlag {
    READ,
    WRITE,
    /** Every write goes to the end, wherever that is by then. */
    APPEND,
    /** The file is emptied. */
    TRUNCATE,
    /** Reads and writes whole blocks past the page cache. */
    DIRECT,
    /** Reading leaves the access time alone; for the file's owner and the privileged only. */
    NO_ACCESS_TIME
}
