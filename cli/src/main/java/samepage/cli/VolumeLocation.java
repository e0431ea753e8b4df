package samepage.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.volume.Volume;

/** Where a volume lies on the host: any path, of which the JDK can say only those that are UTF-8. */
final class VolumeLocation {
    private static final int PERMISSIONS = 0777;

    private VolumeLocation() {}

    static boolean exists(byte[] path) {
        try {
            var _ = HostDirectory.statPath(path, true);
            return true;
        } catch (VfsException e) {
            return false;
        }
    }

    /** Whether two paths lead to the same directory, or are the same. */
    static boolean isSame(byte[] path, byte[] other) {
        try {
            return Arrays.equals(path, other)
                    || HostDirectory.statPath(path, true)
                            .id()
                            .equals(HostDirectory.statPath(other, true).id());
        } catch (VfsException e) {
            return false;
        }
    }

    /** Whether something can be created by this path. */
    static boolean hasParent(byte[] path) {
        try {
            return HostPath.name(path) != null
                    && HostDirectory.statPath(HostPath.parent(path), true).isDirectory();
        } catch (VfsException e) {
            return false;
        }
    }

    static boolean isVolume(byte[] path) {
        if (isUtf8(path)) {
            return Volume.isVolume(Path.of(ArgumentText.of(path)));
        }
        try (var directory = HostDirectory.open(path)) {
            return Volume.isVolume(byDescriptor(directory));
        } catch (VfsException e) {
            return false;
        }
    }

    /** The path for the JDK. Where it is not UTF-8, the directory must exist, and is kept open until the process ends. */
    static Path path(byte[] path) throws VfsException {
        for (var value : path) {
            if (value == 0) {
                throw new Refusal(PrintableName.of(path), "no path has a NUL in it");
            }
        }
        return isUtf8(path) ? Path.of(ArgumentText.of(path)) : byDescriptor(HostDirectory.open(path));
    }

    /** Makes the directory that a new volume is to be created in, where the JDK could not. */
    static void prepare(byte[] path) throws VfsException {
        var name = HostPath.name(path);
        if (isUtf8(path) || name == null) {
            return;
        }
        try (var parent = HostDirectory.open(HostPath.parent(path))) {
            parent.makeDirectory(name, PERMISSIONS);
        } catch (VfsException e) {
            if (e.errno() != Errno.EEXIST) {
                throw e;
            }
        }
    }

    /** Linux gives every open file a path of its own. Ends in a dot, so that the path's parent is a directory that can be synced. */
    private static Path byDescriptor(HostDirectory directory) {
        return Path.of("/proc/self/fd/" + directory.number() + "/.");
    }

    static boolean isUtf8(byte[] path) {
        return Arrays.equals(path, ArgumentText.of(path).getBytes(StandardCharsets.UTF_8));
    }
}
