package samepage.linux.fuse;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import samepage.linux.syscall.HostProcess;

/** Mounts for tests, one after the other, all served by one process that is not the tests' own. */
final class MountedForTest implements AutoCloseable {
    /**
     * In mounts of its own: whatever the host's permissions, there is a /dev/fuse for everybody, and users may let others in.
     * Being able to read any file is for the class path alone, which may be in root's home.
     */
    private static final String ORDINARY_USER = """
            devices=$1; uid=$2; shift 2
            mount -t tmpfs none $devices
            mknod -m 666 $devices/fuse c 10 229
            mount --bind $devices/fuse /dev/fuse
            echo user_allow_other >$devices/conf
            mount --bind $devices/conf /etc/fuse.conf
            exec setpriv --reuid $uid --regid $uid --clear-groups --inh-caps +dac_read_search \
              --ambient-caps +dac_read_search -- "$@"
            """;

    private static final Path KERNEL_OFFERS_RINGS = Path.of("/sys/module/fuse/parameters/enable_uring");

    private final Process daemon;
    private final PrintStream commands;
    private final BufferedReader answers;
    private final Path directory;
    private final boolean rings;
    private @Nullable MountClient client;

    MountedForTest(Path directory) throws IOException {
        this(directory, List.of(), false);
    }

    /** Mounts whose requests come by io_uring; the test is skipped where the kernel does not offer that. */
    static MountedForTest byRings(Path directory) throws IOException {
        assumeTrue(Files.exists(KERNEL_OFFERS_RINGS), KERNEL_OFFERS_RINGS + " is not there: Linux 6.14 has it");
        return new MountedForTest(directory, List.of(), true);
    }

    /**
     * Mounts that an ordinary user makes, by fusermount3, and serves.
     *
     * @param parent where a directory to mount at, and others, are made
     */
    static MountedForTest byAnOrdinaryUser(Path parent, int uid) throws IOException {
        var mountPoint = Files.createDirectory(parent.resolve("mounted"));
        Files.setAttribute(mountPoint, "unix:uid", uid);
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx--x--x"));
        var devices = Files.createDirectory(parent.resolve("devices"));
        return new MountedForTest(
                mountPoint,
                List.of(
                        "unshare",
                        "--mount",
                        "--propagation=private",
                        "sh",
                        "-ec",
                        ORDINARY_USER,
                        "sh",
                        devices.toString(),
                        "" + uid),
                false);
    }

    private MountedForTest(Path directory, List<String> launcher, boolean rings) throws IOException {
        this.directory = directory;
        this.rings = rings;
        var command = new ArrayList<>(launcher);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dsamepage.test.rings=" + rings,
                "-cp",
                System.getProperty("java.class.path"),
                TestDaemon.class.getName()));
        this.daemon = new ProcessBuilder(command)
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

    /** Skips tests where an ordinary user cannot be made able to mount. */
    static void assumePossibleForAnOrdinaryUser() {
        assumePossible();
        for (String needed : List.of(
                "/usr/bin/fusermount3", "/etc/fuse.conf", "/usr/bin/unshare", "/usr/bin/setpriv", "/usr/bin/mount")) {
            assumeTrue(Files.exists(Path.of(needed)), needed + " is not there");
        }
    }

    /** An empty volume. */
    void begin() throws IOException {
        command("new " + directory);
        client = new MountClient(directory.toString(), daemon.toHandle());
    }

    void remount() throws IOException {
        client().close();
        command("remount");
        client = new MountClient(directory.toString(), daemon.toHandle());
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
        String answer = rings ? answerWithRings(command) : answer(command);
        if (answer != null && (answer.contains("EPERM") || answer.contains("No such device"))) {
            throw new TestAbortedException("mounting is not possible here: " + answer);
        }
        if (!"ok".equals(answer)) {
            throw new IOException(command + ": " + answer);
        }
    }

    private @Nullable String answer(String command) throws IOException {
        commands.println(command);
        return answers.readLine();
    }

    /** Has the kernel offer them to what is mounted meanwhile, as its administrator would. */
    private @Nullable String answerWithRings(String command) throws IOException {
        String before = Files.readString(KERNEL_OFFERS_RINGS);
        Files.writeString(KERNEL_OFFERS_RINGS, "Y");
        try {
            return answer(command);
        } finally {
            Files.writeString(KERNEL_OFFERS_RINGS, before);
        }
    }

    @Override
    public void close() throws IOException {
        daemon.getOutputStream().close();
        daemon.destroy();
    }
}
