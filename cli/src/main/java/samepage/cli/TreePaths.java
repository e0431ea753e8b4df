package samepage.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;

/** What the paths of a command mean, wherever it was started. */
final class TreePaths {
    private static final byte[] DESCRIPTORS = "/proc/self/fd".getBytes(StandardCharsets.US_ASCII);
    private static final long BTRFS = 0x9123683EL;
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private TreePaths() {}

    /** The path without symbolic links, from the root directory on. */
    static byte[] real(byte[] path) throws VfsException {
        var isDirectory = HostDirectory.statPath(path, true).isDirectory();
        try (var directory = HostDirectory.open(isDirectory ? path : HostPath.parent(path));
                var descriptors = HostDirectory.open(DESCRIPTORS)) {
            var number = Integer.toString(directory.number()).getBytes(StandardCharsets.US_ASCII);
            var found = descriptors.readLink(number);
            var name = HostPath.name(path);
            return isDirectory || name == null ? found : HostPath.join(found, name);
        }
    }

    /** The real path of what may not be there yet: that of the nearest directory above it that is, and the rest. */
    static byte[] realOrToBe(Path path) throws VfsException {
        var absolute = path.toAbsolutePath().normalize();
        var name = absolute.getFileName();
        var parent = absolute.getParent();
        if (Files.exists(absolute) || name == null || parent == null) {
            return real(HostPath.of(absolute));
        }
        return HostPath.join(realOrToBe(parent), HostPath.of(name));
    }

    /** Refuses paths that are not all on one file system; of Btrfs each subvolume is a device, and any will do. */
    static void checkSameFileSystem(List<byte[]> paths) throws VfsException {
        for (var path : paths) {
            try (var first = openDirectory(paths.getFirst());
                    var other = openDirectory(path)) {
                var one = first.stat().id();
                var id = other.stat().id();
                if ((one.deviceMajor() != id.deviceMajor() || one.deviceMinor() != id.deviceMinor())
                        && (first.fileSystem().type() != BTRFS
                                || other.fileSystem().type() != BTRFS)) {
                    throw new Refusal(
                            PrintableName.of(path),
                            "is on another file system than " + PrintableName.of(paths.getFirst()),
                            "dedupe each by a command of its own");
                }
            }
        }
    }

    private static HostDirectory openDirectory(byte[] path) throws VfsException {
        return HostDirectory.open(HostDirectory.statPath(path, true).isDirectory() ? path : HostPath.parent(path));
    }

    /** A number that stands for these byte strings, in this order. */
    static long digest(List<byte[]> parts) {
        var hash = FNV_OFFSET;
        for (var part : parts) {
            for (var value : part) {
                hash = (hash ^ (value & 0xff)) * FNV_PRIME;
            }
            hash = (hash ^ 0x100) * FNV_PRIME;
        }
        return hash;
    }
}
