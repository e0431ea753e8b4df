package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.fuse.DyingDaemon;
import samepage.linux.fuse.FuseMount;
import samepage.linux.fuse.MountTable;
import samepage.linux.fuse.MountTable.Mounted;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;

/**
 * The directory to mount at, or to unmount.
 *
 * @param real its path from the root on, without symbolic links; what it is itself has not been looked at, for of a mount
 *     whose daemon has gone nothing can be seen
 * @param typed as it was typed, printable
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MountPoint(byte[] real, String typed) {
    static MountPoint of(String argument) throws IOException {
        DyingDaemon.cutOffAll();
        var path = ArgumentText.bytes(argument);
        var typed = PrintableName.of(path);
        if (!VolumeLocation.isUtf8(path)) {
            throw new Refusal(typed, "only a directory whose path is UTF-8 can be mounted at");
        }
        var name = HostPath.name(path);
        try {
            if (name == null || HostDirectory.statPath(path, false).isSymbolicLink()) {
                return new MountPoint(HostPath.of(Path.of(argument).toRealPath()), typed);
            }
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOTCONN) {
                throw new Refusal(typed, FailureText.why(e), "the directory to mount at must be there");
            }
        }
        var parent = HostPath.of(Path.of(ArgumentText.of(HostPath.parent(path))).toRealPath());
        return new MountPoint(HostPath.join(parent, Objects.requireNonNull(name)), typed);
    }

    /** Refuses what cannot be mounted at. A mount whose daemon has gone is taken away first. */
    void prepare(byte[] volumeReal) throws IOException {
        var mounted = MountTable.at(real).orElse(null);
        while (mounted != null && mounted.isStale()) {
            FuseMount.detach(real);
            mounted = MountTable.at(real).orElse(null);
        }
        if (mounted != null && mounted.isSamepage()) {
            throw new Refusal(typed, printable(mounted.source()) + " is mounted there already");
        }
        if (!HostDirectory.statPath(real, true).isDirectory()) {
            throw new Refusal(typed, "is no directory");
        }
        if (isWithin(volumeReal, real)) {
            throw new Refusal(typed, "the volume itself is in there, and would be out of reach");
        }
        if (isWithin(real, volumeReal)) {
            throw new Refusal(typed, "is inside of the volume's own directory");
        }
    }

    private static boolean isWithin(byte[] path, byte[] directory) {
        return Path.of(ArgumentText.of(path)).startsWith(Path.of(ArgumentText.of(directory)));
    }

    /** What of ours is mounted here; a refusal where nothing is. */
    Mounted mounted() throws IOException {
        return MountTable.at(real)
                .filter(Mounted::isSamepage)
                .orElseThrow(() -> new Refusal(typed, "no volume is mounted there"));
    }

    /** The mount table's text, one character a byte, for people. */
    static String printable(String ofTable) {
        return PrintableName.of(ofTable.getBytes(StandardCharsets.ISO_8859_1));
    }
}
