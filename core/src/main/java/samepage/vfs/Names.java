package samepage.vfs;

import java.util.Arrays;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What can be a name. */
final class Names {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    private Names() {}

    static boolean isDot(byte[] name) {
        return Arrays.equals(name, DOT);
    }

    static boolean isDotDot(byte[] name) {
        return Arrays.equals(name, DOT_DOT);
    }

    /** Refuses what no entry can be called. */
    static void check(byte[] name) throws VfsException {
        if (name.length == 0) {
            throw new VfsException(Errno.ENOENT, "empty name");
        }
        if (name.length > Vfs.MAX_NAME_BYTES) {
            throw new VfsException(Errno.ENAMETOOLONG).with("name", name);
        }
        for (byte b : name) {
            if (b == '/' || b == 0) {
                throw new VfsException(Errno.EINVAL, "a name has no slash and no zero byte").with("name", name);
            }
        }
    }

    /** The same, and refuses "." and ".." in an operation's own way. */
    static void checkOrdinary(byte[] name, Errno refusalOfDots) throws VfsException {
        check(name);
        if (isDot(name) || isDotDot(name)) {
            throw new VfsException(refusalOfDots).with("name", name);
        }
    }
}
