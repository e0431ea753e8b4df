package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Other holders are real processes. */
class VolumeLockTest {
    @TempDir
    Path directory;

    private final List<Process> others = new ArrayList<>();

    /** What another process runs: takes the lock, says so, and holds it until its input ends. */
    static final class Holder {
        private Holder() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            System.setProperty("samepage.command", "holder");
            try (var _ = VolumeLock.take(Path.of(arguments[0]), Boolean.parseBoolean(arguments[1]))) {
                System.out.println("held");
                int read = System.in.read();
                while (read >= 0) {
                    read = System.in.read();
                }
            } catch (VfsException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process other : others) {
            other.destroyForcibly().waitFor();
        }
    }

    private Path file() {
        return directory.resolve("lock");
    }

    private Process holder(boolean readOnly) throws IOException {
        var process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        Holder.class.getName(),
                        file().toString(),
                        Boolean.toString(readOnly))
                .redirectErrorStream(true)
                .start();
        others.add(process);
        return process;
    }

    /** The tests may run as a module; another process takes the same places as a class path. */
    private static String classPath() throws IOException {
        return String.join(
                System.getProperty("path.separator"),
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", ""),
                place(VolumeLock.class),
                place(VolumeLockTest.class));
    }

    private static String place(Class<?> known) {
        return known.getProtectionDomain().getCodeSource().getLocation().getPath();
    }

    private static String says(Process process) throws IOException {
        return String.valueOf(process.inputReader().readLine());
    }

    @Test
    void take_heldByAnotherProcess_isRefusedAndNamesIt() throws Exception {
        Process other = holder(false);
        assertThat(says(other)).isEqualTo("held");

        for (boolean readOnly : new boolean[] {false, true}) {
            busy(
                    () -> VolumeLock.take(file(), readOnly),
                    "the volume is in use by process " + other.pid() + " (holder) since ");
        }

        other.outputWriter().close();
        assertThat(other.waitFor()).isZero();
        VolumeLock.take(file(), false).close();
    }

    @Test
    void take_afterItsHolderWasKilled_succeeds() throws Exception {
        Process other = holder(false);
        assertThat(says(other)).isEqualTo("held");
        other.destroyForcibly().waitFor();

        VolumeLock.take(file(), false).close();
    }

    @Test
    void lastWriter_isWhoHeldItForWritingLast_andIsNoReader() throws Exception {
        VolumeLock.take(file(), false).close();
        assertThat(VolumeLock.lastWriter(file()))
                .hasValue(ProcessHandle.current().pid());
        Process other = holder(false);
        assertThat(says(other)).isEqualTo("held");
        assertThat(VolumeLock.lastWriter(file())).hasValue(other.pid());
        other.destroyForcibly().waitFor();

        assertThat(says(holder(true))).isEqualTo("held");
        assertThat(VolumeLock.lastWriter(file())).hasValue(other.pid());
    }

    @Test
    void lastWriter_askedWhileItIsHeldHere_leavesItHeld() throws Exception {
        try (var _ = VolumeLock.take(file(), false)) {
            assertThat(VolumeLock.lastWriter(file()))
                    .hasValue(ProcessHandle.current().pid());
            assertThat(says(holder(false))).startsWith("the volume is in use by process ");
        }
    }

    @Test
    void take_forReadingBesideOtherReaders_succeedsAndKeepsWritersOut() throws Exception {
        VolumeLock.take(file(), false).close();
        try (var _ = VolumeLock.take(file(), true)) {
            Process reader = holder(true);
            assertThat(says(reader)).isEqualTo("held");
            Process writer = holder(false);
            assertThat(says(writer)).startsWith("the volume is in use for reading: " + directory);
        }
        // The first reader's end leaves the second's share.
        busy(() -> VolumeLock.take(file(), false), "the volume is in use for reading: ");
    }

    @Test
    void take_twiceInThisProcess_isRefusedAndLeavesTheFirstInForce() throws Exception {
        try (var _ = VolumeLock.take(file(), false)) {
            busy(() -> VolumeLock.take(file(), false), "open already in this process");
            busy(
                    () -> VolumeLock.take(directory.resolve("../" + directory.getFileName() + "/lock"), true),
                    "open already in this process");

            assertThat(says(holder(false)))
                    .startsWith("the volume is in use by process "
                            + ProcessHandle.current().pid());
        }
        assertThat(says(holder(false))).isEqualTo("held");
    }

    @Test
    void take_forReadingWithoutALockFile_isRefused() {
        assertThatThrownBy(() -> VolumeLock.take(file(), true)).isInstanceOf(VfsException.class);
        assertThatThrownBy(() -> VolumeLock.take(file(), true))
                .as("the refusal leaves nothing behind")
                .hasMessageContaining("cannot open the volume's lock file");
    }

    private static void busy(ThrowingCallable call, String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining(text);
    }
}
