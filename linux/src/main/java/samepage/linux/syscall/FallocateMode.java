package samepage.linux.syscall;

/** The modes of fallocate(2), combined by {@code |}; 0 reserves storage and lets the file grow. */
public final class FallocateMode {
    /** The size stays, also where the range ends behind it. */
    public static final int KEEP_SIZE = 0x01;
    /** Gives the range's storage back; takes {@link #KEEP_SIZE}, too. */
    public static final int PUNCH_HOLE = 0x02;
    /** Cuts the range out; what follows moves down. */
    public static final int COLLAPSE_RANGE = 0x08;
    /** The range reads as zeros, its storage reserved. */
    public static final int ZERO_RANGE = 0x10;
    /** Makes room for the range; what follows moves up. */
    public static final int INSERT_RANGE = 0x20;
    /** Copies what is shared, so that writing cannot run out of space. */
    public static final int UNSHARE_RANGE = 0x40;

    private FallocateMode() {}
}
