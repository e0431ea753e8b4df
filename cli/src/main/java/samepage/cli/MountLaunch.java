package samepage.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.OpenFlags;

/**
 * Starts the process in the background, and waits until it says by its standard output that the volume is mounted. What it has
 * to say before goes to standard error; what it has to say later goes to the file {@code mount.log} in the volume.
 */
final class MountLaunch {
    private static final byte READY = '+';
    private static final String LOG = "mount.log";
    private static final int LOG_PERMISSIONS = 0600;

    private MountLaunch() {}

    /**
     * Starts this same command again, in the background.
     *
     * @param argumentCount how many arguments it was given itself, {@code mount} the first of them
     * @return the exit status
     */
    static int inBackground(Console console, int argumentCount) throws IOException {
        var process = new ProcessBuilder(daemonLine(argumentCount))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        var ready = new byte[1];
        try (InputStream output = process.getInputStream();
                InputStream errors = process.getErrorStream()) {
            var length = output.read(ready);
            errors.transferTo(console.err());
            console.err().flush();
            if (length == 1 && ready[0] == READY) {
                return Main.DONE;
            }
        }
        try {
            var status = process.waitFor();
            return status == Main.DONE ? Main.REFUSED : status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interrupted();
        }
    }

    private static List<String> daemonLine(int argumentCount) throws IOException {
        var line = new ArrayList<>(HostProcess.lastArguments(Integer.MAX_VALUE).stream()
                .map(ArgumentText::of)
                .toList());
        line.add(line.size() - argumentCount + 1, "--daemon");
        return line;
    }

    /** In the new process: what ends the terminal's programs does not end it. */
    static void becomeBackground() {
        HostProcess.leaveTerminal();
    }

    /** In the new process: the volume is mounted, and the one who waits may go. */
    static void reportReady(Path volume) throws IOException {
        System.out.write(READY);
        System.out.flush();
        var log = HostPath.of(volume.resolve(LOG));
        try (var file =
                HostFile.open(log, OpenFlags.WRITE_ONLY | OpenFlags.CREATE | OpenFlags.APPEND, LOG_PERMISSIONS)) {
            file.becomeDescriptor(Terminal.OUTPUT);
            file.becomeDescriptor(Terminal.ERROR);
        }
    }
}
