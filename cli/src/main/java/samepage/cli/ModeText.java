package samepage.cli;

import samepage.volume.FileType;

/** Type and permissions as {@code ls -l} shows them: {@code drwxr-xr-t}. */
final class ModeText {
    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int STICKY = 01000;

    private ModeText() {}

    static String of(int mode) {
        return typeLetter(FileType.ofMode(mode))
                + three(mode >> 6, (mode & SET_USER_ID) != 0, 's')
                + three(mode >> 3, (mode & SET_GROUP_ID) != 0, 's')
                + three(mode, (mode & STICKY) != 0, 't');
    }

    private static String three(int bits, boolean isSpecial, char special) {
        var isExecutable = (bits & 1) != 0;
        var last = isSpecial ? (isExecutable ? special : Character.toUpperCase(special)) : (isExecutable ? 'x' : '-');
        return new String(new char[] {(bits & 4) != 0 ? 'r' : '-', (bits & 2) != 0 ? 'w' : '-', last});
    }

    private static String typeLetter(FileType type) {
        return switch (type) {
            case FIFO -> "p";
            case CHARACTER_DEVICE -> "c";
            case DIRECTORY -> "d";
            case BLOCK_DEVICE -> "b";
            case REGULAR -> "-";
            case SYMBOLIC_LINK -> "l";
            case SOCKET -> "s";
        };
    }

    /** The type in words. */
    static String type(FileType type) {
        return switch (type) {
            case FIFO -> "fifo";
            case CHARACTER_DEVICE -> "character device";
            case DIRECTORY -> "directory";
            case BLOCK_DEVICE -> "block device";
            case REGULAR -> "regular file";
            case SYMBOLIC_LINK -> "symbolic link";
            case SOCKET -> "socket";
        };
    }
}
