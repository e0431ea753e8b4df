package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** Programs of the host as oracles; a test is skipped where one is not installed. */
final class HostCommand {
    private HostCommand() {}

    /** All that it prints. */
    static String run(Object... command) throws InterruptedException {
        var words = Arrays.stream(command).map(Object::toString).toArray(String[]::new);
        try {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException e) {
            return Assumptions.abort(words[0] + " cannot be run: " + e.getMessage());
        }
    }
}
