package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import samepage.linux.fuse.FuseMount;
import samepage.linux.fuse.MountTable;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;

/** Mounting by command, as root or as an ordinary user, whoever runs the test: the daemon's life from its start to whatever end. */
class MountTest {
    private static final int BYTES = 500_000;
    private static final long LARGE_BYTES = 32L << 20;
    private static final int TRIES = 10;
    private static final long SOME_STORES_MILLIS = 1500;
    private static final long ENDING_MILLIS = 700;

    @TempDir
    Path directory;

    private final byte[] content = new byte[BYTES];
    private Path scratch;
    private Path volume;
    private Path mountPoint;

    @BeforeEach
    void setUp() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse here");
        assumeTrue(
                HostProcess.effectiveUserId() == 0
                        || (Files.isExecutable(Path.of("/usr/bin/fusermount3"))
                                && Files.isWritable(Path.of("/dev/fuse"))),
                "neither root nor able to use fusermount3");
        new Random(1).nextBytes(content);
        directory = directory.toRealPath();
        scratch = Files.createDirectory(directory.resolve("scratch"));
        volume = directory.resolve("store.samepage");
        mountPoint = Files.createDirectory(directory.resolve("mounted"));
    }

    @AfterEach
    void unmountWhatIsLeft() throws IOException {
        if (mountPoint != null && isMounted()) {
            FuseMount.detach(HostPath.of(mountPoint));
        }
    }

    private boolean isMounted() throws IOException {
        return MountTable.at(HostPath.of(mountPoint)).isPresent();
    }

    private ChildCommand run(String... arguments) throws Exception {
        return ChildCommand.run(scratch, arguments);
    }

    private void mount(String... more) throws Exception {
        var arguments = new ArrayList<>(List.of("mount", "--create"));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of(volume.toString(), mountPoint.toString()));
        var mounted = run(arguments.toArray(String[]::new));
        assertThat(mounted.status()).as(mounted.errors()).isZero();
        assertThat(mounted.output() + mounted.errors()).isEmpty();
        assertThat(isMounted()).isTrue();
    }

    private void unmount() throws Exception {
        var unmounted = run("umount", mountPoint.toString());
        assertThat(unmounted.status()).as(unmounted.errors()).isZero();
        assertThat(isMounted()).isFalse();
    }

    private ProcessHandle daemon() throws Exception {
        var status = run("status", "--json", mountPoint.toString()).output();
        var pid = status.replaceAll("(?s).*\"process\": (\\d+).*", "$1");
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    @Test
    void mount_writeUnmountMount_contentIsThere() throws Exception {
        mount();
        Files.write(mountPoint.resolve("file"), content);
        unmount();
        assertThat(mountPoint).isEmptyDirectory();
        mount("-o", "ro,noatime");
        assertThat(Files.readAllBytes(mountPoint.resolve("file"))).isEqualTo(content);
        unmount();
        CommandRun.assertClean(volume);
    }

    @Test
    void mount_refusals_nameTheReason() throws Exception {
        assertThat(run("mount", volume.toString(), mountPoint.toString()).errors())
                .contains("no such volume");
        assertThat(run(
                                "mount",
                                "--create",
                                volume.toString(),
                                directory.resolve("missing").toString())
                        .errors())
                .contains("must be there");
        assertThat(run("mount", "-o", "nonsense", "--create", volume.toString(), mountPoint.toString())
                        .errors())
                .contains("nonsense");
        assertThat(run("umount", mountPoint.toString()).errors()).contains("no volume is mounted there");
        mount();
        var again = run("mount", volume.toString(), scratch.toString());
        assertThat(again.status()).isEqualTo(Main.REFUSED);
        assertThat(again.errors()).contains("is mounted already, at " + mountPoint);
        assertThat(run("rm", volume + ":/x").errors()).contains("the volume is mounted");
        unmount();
    }

    @Test
    void daemon_killed_mountWorksAgainWithoutUnmounting() throws Exception {
        mount();
        Files.write(mountPoint.resolve("file"), content);
        var daemon = daemon();
        daemon.destroyForcibly();
        daemon.onExit().get(10, TimeUnit.SECONDS);
        mount();
        Files.write(mountPoint.resolve("file"), content);
        assertThat(Files.readAllBytes(mountPoint.resolve("file"))).isEqualTo(content);
        unmount();
        CommandRun.assertClean(volume);
    }

    @Test
    void mount_whereTheKernelOffersIoUring_usesItUnlessToldNotTo() throws Exception {
        var offer = Path.of("/sys/module/fuse/parameters/enable_uring");
        assumeTrue(Files.isWritable(offer), offer + " is not there to be written: Linux 6.14 has it, for root");
        var before = Files.readString(offer);
        Files.writeString(offer, "Y");
        try {
            mount("-o", "noio_uring");
            assertThat(run("status", mountPoint.toString()).output()).doesNotContain("io_uring");
            unmount();
            mount();
            assertThat(run("status", mountPoint.toString()).output()).contains(", by io_uring");
            Files.write(mountPoint.resolve("file"), content);
            var daemon = daemon();
            daemon.destroyForcibly();
            daemon.onExit().get(10, TimeUnit.SECONDS);
            assertThatThrownBy(() -> Files.size(mountPoint.resolve("file"))).hasMessageContaining("not connected");
            mount();
            Files.write(mountPoint.resolve("file"), content);
            assertThat(Files.readAllBytes(mountPoint.resolve("file"))).isEqualTo(content);
            unmount();
        } finally {
            Files.writeString(offer, before);
        }
        CommandRun.assertClean(volume);
    }

    /** What makes the kernel write back stores through maps waits for the daemon, and a thread of the killed daemon does. */
    @Test
    @Timeout(300)
    void daemon_killedWhileTheKernelWritesBack_mountWorksAgain() throws Exception {
        int seen = 0;
        for (int i = 0; i < TRIES && seen == 0; i++) {
            mount("--dedupe=off");
            Process program = StoringProgram.start(mountPoint, scratch.resolve("said"));
            Thread.sleep(SOME_STORES_MILLIS);
            var daemon = daemon();
            daemon.destroyForcibly();
            Thread.sleep(ENDING_MILLIS);
            seen += daemon.isAlive() ? 1 : 0;
            mount("--dedupe=off");
            await().atMost(Duration.ofSeconds(20)).until(() -> !daemon.isAlive());
            unmount();
            program.destroyForcibly().waitFor();
        }
        CommandRun.assertClean(volume);
        assumeTrue(seen > 0, "each daemon ended by itself");
    }

    @Test
    void daemon_askedToEnd_whileInUse_keepsAllThatWasWritten() throws Exception {
        mount();
        try (var file = Files.newOutputStream(mountPoint.resolve("file"))) {
            file.write(content);
            var daemon = daemon();
            daemon.destroy();
            daemon.onExit().get(20, TimeUnit.SECONDS);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> !isMounted());
        mount();
        assertThat(Files.readAllBytes(mountPoint.resolve("file"))).isEqualTo(content);
        unmount();
    }

    @Test
    void background_duplicatesAtRest_areShared() throws Exception {
        mount();
        Files.write(mountPoint.resolve("one"), content);
        Files.write(mountPoint.resolve("two"), content);
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> run("status", "--json", mountPoint.toString())
                        .output()
                        .contains("\"backgroundSharedBytes\": " + BYTES));
        assertThat(Files.readAllBytes(mountPoint.resolve("two"))).isEqualTo(content);
        unmount();
        CommandRun.assertClean(volume);
    }

    @Test
    void background_pausedContinuedExcluded_doesAsItIsTold() throws Exception {
        mount("--exclude", "no,x/");
        assertThat(run("pause", mountPoint.toString()).status()).isZero();
        assertThat(run("status", mountPoint.toString()).output()).contains("background: paused");
        Files.createDirectory(mountPoint.resolve("no,x"));
        Files.write(mountPoint.resolve("one"), content);
        Files.write(mountPoint.resolve("no,x/excluded"), content);
        Files.write(mountPoint.resolve("two"), content);
        Thread.sleep(8000);
        assertThat(run("status", "--json", mountPoint.toString()).output()).contains("\"backgroundPasses\": 0");
        assertThat(run("continue", volume.toString()).status()).isZero();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> run("status", "--json", mountPoint.toString())
                        .output()
                        .contains("\"backgroundSharedBytes\": " + BYTES));
        unmount();
        assertThat(run("pause", volume.toString()).errors()).contains("is not mounted");
        CommandRun.assertClean(volume);
    }

    @Test
    void status_mountedReadOnly_saysSoAndWhatIsSaved() throws Exception {
        mount("--dedupe=off");
        Files.write(mountPoint.resolve("one"), content);
        Files.write(mountPoint.resolve("two"), content);
        assertThat(run("dedupe", mountPoint.toString()).status()).isZero();
        unmount();
        mount("-o", "ro");
        for (var named : List.of(mountPoint, volume)) {
            var status = run("status", named.toString()).output();
            assertThat(status).contains("mounted read-only at " + mountPoint).contains("sharing saves 492 KiB");
        }
        assertThat(run("status", "--json", volume.toString()).output()).contains("\"mounted\": true");
        unmount();
        assertThat(run("status", volume.toString()).output()).contains("not mounted");
    }

    @Test
    void read_damagedBlock_failsForThatFileAlone() throws Exception {
        mount("--dedupe=off");
        var sound = new byte[BYTES];
        new Random(2).nextBytes(sound);
        Files.write(mountPoint.resolve("hit"), content);
        Files.write(mountPoint.resolve("sound"), sound);
        unmount();
        damage(Arrays.copyOfRange(content, 200_000, 200_032));
        mount();
        assertThatThrownBy(() -> Files.readAllBytes(mountPoint.resolve("hit")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Input/output error");
        assertThat(Files.readAllBytes(mountPoint.resolve("sound"))).isEqualTo(sound);
        try (var file = FileChannel.open(mountPoint.resolve("hit"), StandardOpenOption.READ)) {
            var before = ByteBuffer.allocate(100_000);
            assertThat(file.read(before, 0)).isEqualTo(100_000);
            assertThat(before.array()).isEqualTo(Arrays.copyOf(content, 100_000));
        }
        Files.write(mountPoint.resolve("new"), content);
        Files.write(mountPoint.resolve("hit"), sound);
        assertThat(Files.readAllBytes(mountPoint.resolve("hit"))).isEqualTo(sound);
        unmount();
        CommandRun.assertClean(volume);
    }

    /** Flips a bit where those bytes lie in the volume's data. */
    private void damage(byte[] bytes) throws IOException {
        try (var data = FileChannel.open(volume.resolve("data"), StandardOpenOption.READ, StandardOpenOption.WRITE);
                var arena = Arena.ofConfined()) {
            var mapped = data.map(FileChannel.MapMode.READ_WRITE, 0, data.size(), arena);
            var wanted = MemorySegment.ofArray(bytes);
            for (long at = 0; at + bytes.length <= mapped.byteSize(); at += 32) {
                if (mapped.asSlice(at, bytes.length).mismatch(wanted) < 0) {
                    mapped.set(ValueLayout.JAVA_BYTE, at, (byte) (bytes[0] ^ 1));
                    return;
                }
            }
        }
        throw new AssertionError("the bytes are not there");
    }

    @Test
    void write_hostFull_failsForTheWriterAlone() throws Exception {
        assumeTrue(HostProcess.effectiveUserId() == 0, "only root can mount a small file system");
        var small = Files.createDirectory(directory.resolve("small"));
        var refusal = HostCommand.run("mount", "-t", "tmpfs", "-o", "size=100m", "none", small);
        assumeTrue(refusal.isEmpty(), () -> "no tmpfs can be mounted here: " + refusal);
        try {
            volume = small.resolve("store.samepage");
            mount();
            Files.write(mountPoint.resolve("kept"), content);
            assertThatThrownBy(() -> writeDurably(mountPoint.resolve("large"), 200 << 20))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left");
            assertThat(Files.readAllBytes(mountPoint.resolve("kept"))).isEqualTo(content);
            Files.delete(mountPoint.resolve("large"));
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> writeDurably(mountPoint.resolve("other"), 8 << 20));
            assertThat(Files.readAllBytes(mountPoint.resolve("kept"))).isEqualTo(content);
            unmount();
            CommandRun.assertClean(volume);
        } finally {
            if (isMounted()) {
                FuseMount.detach(HostPath.of(mountPoint));
            }
            HostCommand.run("umount", "-l", small);
        }
    }

    private static void writeDurably(Path path, int bytes) throws IOException {
        var piece = new byte[1 << 20];
        var random = new Random(3);
        try (var file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int written = 0; written < bytes; written += piece.length) {
                random.nextBytes(piece);
                file.write(ByteBuffer.wrap(piece));
            }
            file.force(true);
        }
    }

    @Test
    void accessTimes_asMounted_moveByReadingOrDoNot() throws Exception {
        mount("-o", "strictatime");
        Files.write(mountPoint.resolve("file"), content);
        Files.createDirectory(mountPoint.resolve("directory"));
        for (var name : List.of("file", "directory")) {
            for (int i = 0; i < 3; i++) {
                assertThat(movesByReading(name)).as(name).isTrue();
            }
        }
        unmount();
        mount("-o", "strictatime,nodiratime");
        assertThat(movesByReading("file")).isTrue();
        assertThat(movesByReading("directory")).isFalse();
        unmount();
        mount("-o", "noatime");
        assertThat(movesByReading("file") || movesByReading("directory")).isFalse();
        unmount();
    }

    @Test
    void open_largeFileJustWritten_keepsTheKernelsPages_andReadingMovesItsAccessTime() throws Exception {
        mount("--dedupe=off");
        var path = mountPoint.resolve("large");
        try (var file = Files.newOutputStream(path)) {
            for (int i = 0; i < LARGE_BYTES / content.length; i++) {
                file.write(content);
            }
        }
        // fincore opens the file for reading, as cp does.
        var resident = HostCommand.run("fincore", "--noheadings", "--raw", "--bytes", "--output=RES", path);
        assertThat(Long.parseLong(resident.strip())).isGreaterThan(LARGE_BYTES / 4 * 3);
        assertThat(movesByReading("large")).isTrue();
        assertThat(movesByReading("large")).isFalse();
        unmount();
    }

    private boolean movesByReading(String name) throws IOException, InterruptedException {
        var path = mountPoint.resolve(name);
        var before = Files.readAttributes(path, BasicFileAttributes.class).lastAccessTime();
        Thread.sleep(20);
        if (Files.isDirectory(path)) {
            try (var entries = Files.list(path)) {
                assertThat(entries).isEmpty();
            }
        } else {
            Files.readAllBytes(path);
        }
        return Files.readAttributes(path, BasicFileAttributes.class)
                        .lastAccessTime()
                        .compareTo(before)
                > 0;
    }

    @Test
    void commands_onAMountedVolume_areDoneByItsDaemon() throws Exception {
        mount("--dedupe=off");
        var tree = Files.createDirectory(mountPoint.resolve("tree"));
        Files.write(tree.resolve("one"), content);
        Files.write(tree.resolve("two"), content);
        assertThat(Files.exists(mountPoint.resolve("clone"))).isFalse();

        var cloned = run("clone", tree.toString(), mountPoint.resolve("clone").toString());
        assertThat(cloned.output() + cloned.errors()).contains("cloned 2 files");
        assertThat(Files.readAllBytes(mountPoint.resolve("clone/two"))).isEqualTo(content);

        var deduped = run("dedupe", mountPoint.toString());
        assertThat(deduped.output() + deduped.errors()).contains("looked through 4 files");
        assertThat(run("df", "--json", volume.toString()).output()).contains("\"logicalBytes\": " + 4 * 503_808);
        assertThat(run("status", mountPoint.toString()).output()).contains("mounted at " + mountPoint);
        assertThat(Files.readAllBytes(tree.resolve("two"))).isEqualTo(content);
        unmount();
        assertThat(run("status", volume.toString()).output()).contains("not mounted");
        CommandRun.assertClean(volume);
    }
}
