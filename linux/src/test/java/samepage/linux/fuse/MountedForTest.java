package samepage.linux.fuse;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import samepage.linux.syscall.HostProcess;

/** Mounts for tests, one after the other, all served by one process that is not the tests' own. */
final class MountedForTest implements AutoCloseable {
    private final Process daemon;
    private final PrintStream commands;
    private final BufferedReader answers;
    private final Path directory;
    private @Nullable MountClient client;

    MountedForTest(Path directory) throws IOException {
        this.directory = directory;
        this.daemon = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestDaemon.class.getName()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.commands = new PrintStream(daemon.getOutputStream(), true, StandardCharsets.UTF_8);
        this.answers = new BufferedReader(new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Skips tests where nothing can be mounted. */
    static void assumePossible() {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse here");
        assumeTrue(HostProcess.effectiveUserId() == 0, "only root can mount for other users");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the test's system calls are those of x86_64");
    }

    /** An empty volume. */
    void begin() throws IOException {
        command("new " + directory);
        client = new MountClient(directory.toString());
    }

    void remount() throws IOException {
        client().close();
        command("remount");
        client = new MountClient(directory.toString());
    }

    /** Unmounts, and has the volume audited. */
    void end() throws IOException {
        client().close();
        command("end");
    }

    MountClient client() {
        return Objects.requireNonNull(client);
    }

    private void command(String command) throws IOException {
        commands.println(command);
        String answer = answers.readLine();
        if (answer != null && (answer.contains("EPERM") || answer.contains("No such device"))) {
            throw new TestAbortedException("mounting is not possible here: " + answer);
        }
        if (!"ok".equals(answer)) {
            throw new IOException(command + ": " + answer);
        }
    }

    @Override
    public void close() throws IOException {
        daemon.getOutputStream().close();
        daemon.destroy();
    }
}
