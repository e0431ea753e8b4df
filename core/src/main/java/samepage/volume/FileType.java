package samepage.volume;

/** What an inode is; the bits are those of Linux's {@code st_mode}. */
public enum FileType {
    FIFO(0x1000),
    CHARACTER_DEVICE(0x2000),
    DIRECTORY(0x4000),
    BLOCK_DEVICE(0x6000),
    REGULAR(0x8000),
    SYMBOLIC_LINK(0xA000),
    SOCKET(0xC000);

    private static final int MASK = 0xF000;
    private static final FileType[] TYPES = values();

    private final int modeBits;

    FileType(int modeBits) {
        this.modeBits = modeBits;
    }

    /** The type's part of {@code st_mode}. */
    public int modeBits() {
        return modeBits;
    }

    /** The type that {@code mode} carries. */
    public static FileType ofMode(int mode) {
        for (FileType type : TYPES) {
            if (type.modeBits == (mode & MASK)) {
                return type;
            }
        }
        throw new IllegalArgumentException("mode=0" + Integer.toOctalString(mode));
    }
}
