package samepage.linux.reflink;

import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;

/**
 * A directory or a file that the user named. Everything below is opened from its descriptor on, so that nobody can put a
 * symbolic link in its way.
 *
 * @param directory the directory; of a file, that it is in
 * @param start where to begin: empty for a directory, the name of a file
 */
@SuppressWarnings("ArrayRecordComponent") // nothing compares roots
record TreeRoot(HostDirectory directory, byte[] start) implements AutoCloseable {
    private static final byte[] WHOLE = {};

    /** Opens what the path leads to, symbolic links followed. {@code EINVAL} where it is neither directory nor regular file. */
    static TreeRoot open(byte[] path) throws VfsException {
        var stat = HostDirectory.statPath(path, true);
        if (stat.isDirectory()) {
            return new TreeRoot(HostDirectory.open(path), WHOLE);
        }
        byte[] name = HostPath.name(path);
        if (!stat.isRegular() || name == null) {
            throw new VfsException(Errno.EINVAL, "neither a directory nor a regular file").with("path", path);
        }
        return new TreeRoot(HostDirectory.open(HostPath.parent(path)), name);
    }

    /** The path of something below, for people. */
    byte[] pathOf(byte[] below) {
        return below.length == 0 ? directory.path() : HostPath.join(directory.path(), below);
    }

    @Override
    public void close() {
        directory.close();
    }
}
