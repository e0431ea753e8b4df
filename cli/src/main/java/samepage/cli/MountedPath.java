package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import samepage.linux.fuse.MountTable;
import samepage.linux.syscall.HostPath;

/** Arguments that name something inside of a mounted volume by its path on the host. */
final class MountedPath {
    private MountedPath() {}

    /** The same as {@code VOLUME:/PATH}; as it is where it is no path on a mounted volume. */
    static String inVolume(String argument) {
        try {
            if (argument.isEmpty()
                    || argument.startsWith("-")
                    || MountTable.read().stream().noneMatch(MountTable.Mounted::isSamepage)) {
                return argument;
            }
            var real = realOrNew(argument);
            var mounted = MountTable.above(HostPath.of(real)).orElse(null);
            if (mounted == null || !mounted.isSamepage()) {
                return argument;
            }
            var directory = Path.of(hostText(mounted.directory()));
            return hostText(mounted.source()) + ":/" + directory.relativize(real);
        } catch (IOException | IllegalArgumentException e) {
            return argument;
        }
    }

    /** The path without symbolic links; of what is not there yet that of its directory and its name. */
    private static Path realOrNew(String argument) throws IOException {
        var path = Path.of(argument);
        var name = path.getFileName();
        if (name == null || name.toString().equals(".") || name.toString().equals("..")) {
            return path.toRealPath();
        }
        var parent = path.toAbsolutePath().getParent();
        return parent == null ? path.toRealPath() : parent.toRealPath().resolve(name);
    }

    /** {@code VOLUME[:/PATH]} with the volume's path from the root on; anything else as it is. */
    static String absolute(String argument) {
        if (argument.startsWith("-")) {
            return argument;
        }
        var path = VolumePath.existing(argument);
        if (!VolumeLocation.isVolume(path.volume())) {
            return argument;
        }
        try {
            var real = VolumeLocation.path(path.volume()).toRealPath();
            return real + (path.hasPath() ? ":" + ArgumentText.of(path.path()) : "");
        } catch (IOException e) {
            return argument;
        }
    }

    private static String hostText(String ofTable) {
        return ArgumentText.of(ofTable.getBytes(StandardCharsets.ISO_8859_1));
    }
}
