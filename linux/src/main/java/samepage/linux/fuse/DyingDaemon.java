package samepage.linux.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import samepage.errno.VfsException;
import samepage.linux.fuse.MountTable.Mounted;
import samepage.linux.syscall.HostMount;
import samepage.linux.syscall.HostProcess;
import samepage.volume.Volume;

/**
 * A daemon that was killed just when one of its threads had the kernel write back what programs had stored through memory maps. That
 * thread waits, and cannot be interrupted, for requests that nobody serves any more; and it keeps the process, with the device and the
 * volume's lock, so that the kernel does not see the mount's end: whoever uses the mount waits, too. Only an abort ends that.
 */
public final class DyingDaemon {
    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    private DyingDaemon() {}

    /** Aborts the mounts of all such, as far as it is for this user to do. Asks nothing of any mount, for that would wait as well. */
    public static void cutOffAll() throws IOException {
        for (Mounted mounted : MountTable.read()) {
            if (mounted.isSamepage() && isDying(mounted)) {
                abort(mounted);
            }
        }
    }

    /** The volume's lock names the process. Its first thread has ended, for it was killed, and others have not. */
    private static boolean isDying(Mounted mounted) {
        try {
            var source = new String(mounted.source().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            var writer = Volume.lastWriter(Path.of(source));
            if (writer.isEmpty()) {
                return false;
            }
            Path process = Path.of("/proc", "" + writer.getAsLong());
            String status = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            try (var threads = Files.list(process.resolve("task"))) {
                return status.startsWith(") Z", status.lastIndexOf(')')) && threads.count() > 1;
            }
        } catch (IOException e) { // neither lock nor process is there, or to be read
            return false;
        }
    }

    private static void abort(Mounted mounted) throws VfsException {
        String minor = mounted.device().substring(mounted.device().indexOf(':') + 1);
        try {
            Files.writeString(CONNECTIONS.resolve(minor).resolve("abort"), "1");
        } catch (IOException e) { // the kernel's directory of connections is not mounted, or not for us
            if (HostProcess.effectiveUserId() == 0) {
                HostMount.abort(mounted.directoryBytes());
            }
        }
    }
}
