package samepage.vfs;

/** What a layout lease is for. */
public enum LeaseMode {
    /** To read blocks where they lie. Any number at a time; whoever changes the range asks them back. */
    READ,
    /** To write blocks of one's own that become the file's at once, when the lease is closed. One at a time. */
    WRITE
}
