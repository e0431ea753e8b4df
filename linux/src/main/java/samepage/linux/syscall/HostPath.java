package samepage.linux.syscall;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Paths and names of the host, which are bytes: taking them from the JDK, taking them apart, and refusing what is neither. */
public final class HostPath {
    private static final byte[] WORKING_DIRECTORY = {'.'};
    private static final Charset OF_JDK =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"), StandardCharsets.UTF_8);

    private HostPath() {}

    /** The bytes that the JDK itself would give the host for this path of the default file system. */
    public static byte[] of(Path path) {
        return path.toString().getBytes(OF_JDK);
    }

    /** The path of an entry, for messages. */
    public static byte[] join(byte[] directory, byte[] name) {
        var separator = directory.length == 0 || directory[directory.length - 1] == '/' ? 0 : 1;
        var joined = Arrays.copyOf(directory, directory.length + separator + name.length);
        if (separator == 1) {
            joined[directory.length] = '/';
        }
        System.arraycopy(name, 0, joined, directory.length + separator, name.length);
        return joined;
    }

    /**
     * The last name of a path, slashes at its end left out; null where that is no name of its own: the root, {@code .}, {@code ..}
     * and the empty path.
     */
    public static byte @Nullable [] name(byte[] path) {
        var end = endOfName(path);
        var name = Arrays.copyOfRange(path, startOfName(path, end), end);
        return isName(name) ? name : null;
    }

    /** The path of the directory that {@link #name} is in: {@code .} where the path is a name only, {@code /} below the root. */
    public static byte[] parent(byte[] path) {
        var start = startOfName(path, endOfName(path));
        if (start == 0) {
            return WORKING_DIRECTORY.clone();
        }
        while (start > 1 && path[start - 1] == '/') {
            start--;
        }
        return Arrays.copyOf(path, start);
    }

    /** Whether these bytes can name one entry of a directory. */
    public static boolean isName(byte[] name) {
        if (name.length == 0 || (name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.')))) {
            return false;
        }
        for (var value : name) {
            if (value == '/' || value == 0) {
                return false;
            }
        }
        return true;
    }

    /** Refuses what cannot name one entry of a directory; returns the name. */
    static byte[] checkName(byte[] name) throws VfsException {
        if (!isName(name)) {
            throw new VfsException(Errno.EINVAL, "not a name").with("name", name);
        }
        return checkLength(name);
    }

    /** Refuses what no path can be: with NUL, or longer than PATH_MAX; returns the path. */
    static byte[] checkPath(byte[] path) throws VfsException {
        for (var value : path) {
            if (value == 0) {
                throw new VfsException(Errno.EINVAL, "a path with NUL").with("path", path);
            }
        }
        return checkLength(path);
    }

    private static byte[] checkLength(byte[] path) throws VfsException {
        if (path.length > CallScratch.LONGEST_PATH_BYTES) {
            throw new VfsException(Errno.ENAMETOOLONG, "path too long").with("path", path);
        }
        return path;
    }

    private static int endOfName(byte[] path) {
        var end = path.length;
        while (end > 0 && path[end - 1] == '/') {
            end--;
        }
        return end;
    }

    private static int startOfName(byte[] path, int end) {
        var start = end;
        while (start > 0 && path[start - 1] != '/') {
            start--;
        }
        return start;
    }
}
