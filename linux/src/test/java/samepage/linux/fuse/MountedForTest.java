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
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;
import samepage.linux.syscall.HostProcess;
import samepage.vfs.PosixTree;

/** Mounts for the tests of a class, one after the other, all served by one process that is not the tests' own. */
final class MountedForTest implements BeforeAllCallback, AfterAllCallback {
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

    private final List<String> needed;
    private final int user;
    private final boolean rings;
    private @Nullable Path parent;
    private @Nullable Process daemon;
    private @Nullable PrintStream commands;
    private @Nullable BufferedReader answers;
    private @Nullable MountClient client;

    private MountedForTest(int user, boolean rings, String... needed) {
        this.user = user;
        this.rings = rings;
        this.needed = List.of(needed);
    }

    /** Mounts that root makes, for all users. */
    static MountedForTest byRoot() {
        return new MountedForTest(0, false);
    }

    /** Mounts that root makes, and whose requests come by io_uring. */
    static MountedForTest byRootWithRings() {
        return new MountedForTest(0, true);
    }

    /** Mounts that an ordinary user makes, by fusermount3, and serves. */
    static MountedForTest byAnOrdinaryUser(int uid, boolean rings) {
        return new MountedForTest(
                uid,
                rings,
                "/usr/bin/fusermount3",
                "/etc/fuse.conf",
                "/usr/bin/unshare",
                "/usr/bin/setpriv",
                "/usr/bin/mount");
    }

    /** Starts the daemon; skips the tests where nothing can be mounted in this way. */
    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse here");
        assumeTrue(HostProcess.effectiveUserId() == 0, "only root can mount for other users");
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the test's system calls are those of x86_64");
        assumeTrue(
                !rings || Files.exists(KERNEL_OFFERS_RINGS), KERNEL_OFFERS_RINGS + " is not there: Linux 6.14 has it");
        for (String program : needed) {
            assumeTrue(Files.exists(Path.of(program)), program + " is not there");
        }

        parent = Files.createTempDirectory("samepage-mounted").toRealPath();
        var command = new ArrayList<String>();
        Files.createDirectory(directory());
        if (user != 0) {
            Files.setAttribute(directory(), "unix:uid", user);
            Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwx--x--x"));
            Path devices = Files.createDirectory(parent.resolve("devices"));
            command.addAll(List.of("unshare", "--mount", "--propagation=private", "sh", "-ec", ORDINARY_USER, "sh"));
            command.addAll(List.of(devices.toString(), "" + user));
        }
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
        daemon = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        commands = new PrintStream(daemon.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8));
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        if (daemon != null) {
            daemon.getOutputStream().close();
            daemon.destroy();
            daemon.waitFor();
        }
        if (parent != null) {
            Files.deleteIfExists(parent.resolve("devices"));
            Files.delete(directory());
            Files.delete(parent);
        }
    }

    /** Where the mounts are. */
    Path directory() {
        return Objects.requireNonNull(parent).resolve("mounted");
    }

    /** Mounts an empty volume. */
    void begin() throws IOException {
        command("new " + directory());
        client = newClient();
    }

    /** Mounts an empty volume, for a user to see. */
    PosixTree begin(int uid) throws IOException {
        begin();
        return new HostPosixTree(this, uid, uid, new int[0], 0);
    }

    private MountClient newClient() throws IOException {
        return new MountClient(
                directory().toString(), Objects.requireNonNull(daemon).toHandle());
    }

    void remount() throws IOException {
        client().close();
        command("remount");
        client = newClient();
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
        Objects.requireNonNull(commands).println(command);
        return Objects.requireNonNull(answers).readLine();
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
}
