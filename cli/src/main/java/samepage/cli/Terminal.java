package samepage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import samepage.linux.syscall.HostProcess;

/** What a standard stream is connected to. */
final class Terminal {
    static final int OUTPUT = 1;
    static final int ERROR = 2;

    private Terminal() {}

    /** Whether it is a terminal: told from where the descriptor leads to, for the first native call takes a tenth of a second. */
    static boolean is(int descriptor) {
        try {
            var name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return (name.startsWith("/dev/pts/") || name.startsWith("/dev/tty") || name.equals("/dev/console"))
                    && HostProcess.isTerminal(descriptor);
        } catch (IOException e) {
            return false;
        }
    }

    /** The columns of a terminal; 0 where it is none or does not say. */
    static int columns(int descriptor) {
        return is(descriptor) ? HostProcess.terminalColumns(descriptor) : 0;
    }
}
