package samepage.linux.syscall;

import java.util.Arrays;

/** The type of a file, with the bits that stand for it in {@code st_mode}. */
public enum HostFileType {
    FIFO(0010000),
    CHARACTER_DEVICE(0020000),
    DIRECTORY(0040000),
    BLOCK_DEVICE(0060000),
    REGULAR(0100000),
    SYMBOLIC_LINK(0120000),
    SOCKET(0140000),
    /** A directory listing that does not tell the type (ask {@link HostDirectory#stat}), or a type that Linux does not name. */
    UNKNOWN(0);

    private static final int MASK = 0170000;
    private static final HostFileType[] BY_MODE = byMode();

    private final int modeBits;

    HostFileType(int modeBits) {
        this.modeBits = modeBits;
    }

    /** The bits, in their place in {@code st_mode}. */
    public int modeBits() {
        return modeBits;
    }

    /** The type that {@code st_mode} says. */
    public static HostFileType ofMode(int mode) {
        return BY_MODE[(mode & MASK) >> 12];
    }

    /** The type that {@code d_type} of a directory entry says: the mode's bits, moved down. */
    static HostFileType ofDirectoryEntry(int type) {
        return BY_MODE[type & 0xf];
    }

    private static HostFileType[] byMode() {
        var table = new HostFileType[16];
        Arrays.fill(table, UNKNOWN);
        for (var type : values()) {
            table[type.modeBits >> 12] = type;
        }
        return table;
    }
}
