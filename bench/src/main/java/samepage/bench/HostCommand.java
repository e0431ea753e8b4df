package samepage.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Commands of the host. */
final class HostCommand {
    private HostCommand() {}

    /** Runs a command to its end; fails where it does. */
    static void run(String... command) throws IOException, InterruptedException {
        output(command);
    }

    /** Runs a command and gives what it printed on standard output, trimmed. */
    static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + text);
        }
        return text;
    }
}
