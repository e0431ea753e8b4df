package samepage.linux.fuse;

/**
 * The numbers of ioctls: what they mean to a program is in {@code docs/mount.md}.
 *
 * <pre>
 *   31 30 direction   29 ... 16 bytes of the argument   15 ... 8 type   7 ... 0 number
 * </pre>
 */
final class IoctlFormat {
    private static final int TO_DAEMON = 1;
    private static final int FROM_DAEMON = 2;

    /** Ours: not one that Linux's own list gives to anybody. */
    private static final int OUR_TYPE = 0xE6;

    static final int CLONE_BYTES = 32;
    static final int DEDUPE_BYTES = 56;
    static final int EXTENDED_FLAGS_BYTES = 28;

    /** As FICLONERANGE, asked of the target; the source is an inode number where that has a descriptor. */
    static final int CLONE_RANGE = of(TO_DAEMON, OUR_TYPE, 13, CLONE_BYTES);

    /** As FIDEDUPERANGE for one target, asked of the source; the target is an inode number where that has a descriptor. */
    static final int DEDUPE_RANGE = of(TO_DAEMON | FROM_DAEMON, OUR_TYPE, 54, DEDUPE_BYTES);

    /** XFS's and ext4's: what is not committed is lost, nothing is written any more. */
    static final int SHUT_DOWN = of(FROM_DAEMON, 'X', 125, Integer.BYTES);

    /** Their numbers speak of eight bytes, but what is passed are the four of an int. */
    static final int GET_FLAGS = of(FROM_DAEMON, 'f', 1, Long.BYTES);

    static final int SET_FLAGS = of(TO_DAEMON, 'f', 2, Long.BYTES);
    static final int GET_EXTENDED_FLAGS = of(FROM_DAEMON, 'X', 31, EXTENDED_FLAGS_BYTES);
    static final int SET_EXTENDED_FLAGS = of(TO_DAEMON, 'X', 32, EXTENDED_FLAGS_BYTES);

    private IoctlFormat() {}

    private static int of(int direction, int type, int number, int bytes) {
        return direction << 30 | bytes << 16 | type << 8 | number;
    }
}
