package samepage.linux.syscall;

/** The flags of open(2); some have other values on aarch64 than on x86_64. Combined by {@code |}. */
public final class OpenFlags {
    public static final int READ_ONLY = 0;
    public static final int WRITE_ONLY = 01;
    public static final int READ_WRITE = 02;
    public static final int CREATE = 0100;
    /** With {@link #CREATE}: refuse what exists ({@code EEXIST}). */
    public static final int EXCLUSIVE = 0200;

    public static final int NO_CONTROLLING_TERMINAL = 0400;
    public static final int TRUNCATE = 01000;
    public static final int APPEND = 02000;
    /** Do not wait for the other end of a fifo. */
    public static final int NOT_BLOCKING = 04000;

    public static final int DATA_SYNC = 010000;
    /** Bypass the host's page cache; memory, offset and length must be aligned. */
    public static final int DIRECT = NativeCall.AARCH64 ? 0200000 : 040000;

    public static final int DIRECTORY = NativeCall.AARCH64 ? 040000 : 0200000;
    /** Refuse a symbolic link as the last component ({@code ELOOP}). */
    public static final int NO_FOLLOW = NativeCall.AARCH64 ? 0100000 : 0400000;
    /** Leave the access time alone, where the file's owner or root asks; for others it is left out. */
    public static final int NO_ACCESS_TIME = 01000000;

    public static final int CLOSE_ON_EXEC = 02000000;

    /** To know where something is, not what is in it. */
    public static final int PATH_ONLY = 010000000;

    /** With a directory's path: a file in it without a name. */
    public static final int UNNAMED = 020000000 | DIRECTORY;

    private OpenFlags() {}
}
