package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code samepage dedupe --watch}, as a process beside those that change the tree. */
@Timeout(180)
@SuppressWarnings("NullAway.Init") // each test begins by mounting
class TreeWatchTest {
    private static final int KIB = 1024;
    private static final int FILE_BYTES = 40 * KIB;
    private static final Duration QUIET = Duration.ofSeconds(4);

    @TempDir
    Path directory;

    private LoopFileSystem mounted;
    private Path tree;
    private Process watching;
    private Path output;

    /** How many lines of the output were looked at. */
    private int linesSeen;

    private void mount(String kind) throws Exception {
        mounted = LoopFileSystem.mount(kind);
        tree = Files.createDirectory(mounted.directory.resolve("tree"));
    }

    @AfterEach
    void end() throws Exception {
        if (watching != null) {
            watching.destroyForcibly().waitFor();
        }
        if (mounted != null) {
            mounted.close();
        }
    }

    private static byte[] bytes(long seed) {
        var bytes = new byte[FILE_BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void writeFiles(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Files.write(tree.resolve("file" + i), bytes(i));
        }
    }

    private void watch(List<String> before, String... more) throws Exception {
        var scratch = Files.createDirectories(directory.resolve("scratch"));
        output = directory.resolve("output");
        var line = new ArrayList<>(before);
        // On the file system that is watched, and in the tree: its own writes must not wake it.
        line.addAll(ChildCommand.line(
                scratch,
                "dedupe",
                "--watch",
                "--json",
                "--settle",
                "1s",
                "--index",
                tree.resolve("index").toString(),
                tree.toString()));
        line.addAll(List.of(more));
        watching = new ProcessBuilder(line)
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    private void watchToldByKernel(String... more) throws Exception {
        watch(List.of(), more);
        assertThat(next().get("isToldOfChanges").getAsBoolean()).isTrue();
        next();
    }

    /** The next object that it prints. */
    private JsonObject next() throws Exception {
        for (long until = System.nanoTime() + Duration.ofSeconds(60).toNanos(); System.nanoTime() < until; ) {
            var lines = lines();
            if (lines.size() > linesSeen) {
                return JsonParser.parseString(lines.get(linesSeen++)).getAsJsonObject();
            }
            assertThat(watching.isAlive()).as(errors()).isTrue();
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("nothing more came after " + lines() + " " + errors());
    }

    private List<String> lines() throws IOException {
        var text = Files.readString(output);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private String errors() throws IOException {
        return new String(Files.readAllBytes(directory.resolve("errors")), StandardCharsets.UTF_8);
    }

    private void assertNothingMore() throws Exception {
        TimeUnit.NANOSECONDS.sleep(QUIET.toNanos());
        assertThat(lines()).hasSize(linesSeen);
        assertThat(errors()).isEmpty();
    }

    private void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(watching.pid()))
                .start()
                .waitFor();
    }

    private void assertShared(JsonObject pass, int files) {
        assertThat(pass.get("files").getAsInt()).as("%s", pass).isEqualTo(files);
        assertThat(pass.get("readFiles").getAsInt()).as("%s", pass).isEqualTo(files);
        assertThat(pass.get("sharedBytes").getAsLong()).as("%s", pass).isEqualTo((long) files * FILE_BYTES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfs", "btrfs"})
    void whatComesToTheTree_isShared_andNothingElseIsLookedAt(String kind) throws Exception {
        mount(kind);
        var outside = Files.createDirectory(mounted.directory.resolve("outside"));
        writeFiles(20);
        Files.write(outside.resolve("0"), bytes(0));
        watchToldByKernel();

        Files.write(tree.resolve("written"), bytes(1));
        assertShared(next(), 1);

        Files.write(outside.resolve("temporary"), bytes(2));
        Files.move(outside.resolve("temporary"), tree.resolve("file3"), StandardCopyOption.REPLACE_EXISTING);
        assertShared(next(), 1);

        var deep = Files.createDirectories(tree.resolve("new/directory/deep"));
        Files.write(deep.resolve("a"), bytes(4));
        Files.write(deep.resolve("b"), bytes(5));
        assertShared(next(), 2);

        Files.createDirectories(outside.resolve("old/below"));
        Files.write(outside.resolve("old/below/c"), bytes(6));
        TimeUnit.SECONDS.sleep(2);
        Files.move(outside.resolve("old"), tree.resolve("new/moved"));
        assertShared(next(), 1);

        // What is below a directory that was moved has another path.
        Files.move(tree.resolve("new"), tree.resolve("renamed"));
        var moved = next();
        assertThat(moved.get("readFiles").getAsInt()).isEqualTo(3);
        assertThat(moved.get("sharedBytes").getAsInt()).isZero();
        Files.write(tree.resolve("renamed/directory/deep/d"), bytes(7));
        assertShared(next(), 1);
        assertNothingMore();
    }

    @Test
    void subvolume_mountedByItself_isToldToo() throws Exception {
        mount("btrfs");
        LoopFileSystem.run(
                "btrfs",
                "subvolume",
                "create",
                mounted.directory.resolve("home").toString());
        var device = LoopFileSystem.run("findmnt", "-n", "-o", "SOURCE", mounted.directory.toString());
        var home = Files.createDirectory(directory.resolve("home"));
        LoopFileSystem.run("mount", "-o", "subvol=home", device, home.toString());
        try {
            tree = Files.createDirectory(home.resolve("tree"));
            LoopFileSystem.run(
                    "btrfs", "subvolume", "create", tree.resolve("nested").toString());
            writeFiles(3);
            watchToldByKernel();
            Files.write(mounted.directory.resolve("elsewhere"), bytes(0));
            Files.write(tree.resolve("nested/copy"), bytes(1));
            // By the other mount, too.
            Files.write(mounted.directory.resolve("home/tree/other"), bytes(2));
            assertShared(next(), 2);
            assertNothingMore();
        } finally {
            watching.destroyForcibly().waitFor();
            LoopFileSystem.run("umount", home.toString());
        }
    }

    @Test
    void filters_areHonoured() throws Exception {
        mount("xfs");
        writeFiles(3);
        Files.createDirectory(tree.resolve("cache"));
        watchToldByKernel("--exclude", "*.tmp", "--exclude", "cache/", "--min-size", "10k");
        Files.write(tree.resolve("a.tmp"), bytes(0));
        Files.write(tree.resolve("cache/a"), bytes(1));
        Files.createDirectories(tree.resolve("cache/below"));
        Files.write(tree.resolve("cache/below/a"), bytes(1));
        Files.write(tree.resolve("small"), new byte[5 * KIB]);
        assertNothingMore();
        Files.move(tree.resolve("a.tmp"), tree.resolve("a"));
        assertShared(next(), 1);
        assertNothingMore();
    }

    @Test
    void fileThatIsWrittenAllTheTime_isLookedAtWhenItRests() throws Exception {
        mount("xfs");
        writeFiles(3);
        watchToldByKernel();
        var log = tree.resolve("log");
        Files.write(log, bytes(0));
        for (int i = 0; i < 40; i++) {
            Files.write(log, new byte[] {1}, StandardOpenOption.APPEND);
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(lines()).hasSize(linesSeen);
        assertThat(next().get("readBytes").getAsLong()).isEqualTo(FILE_BYTES + 40);
        assertNothingMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfs", "btrfs"})
    void quietTree_costsNoProcessorTime(String kind) throws Exception {
        mount(kind);
        writeFiles(50);
        watchToldByKernel();
        Files.write(tree.resolve("copy"), bytes(1));
        assertShared(next(), 1);
        TimeUnit.SECONDS.sleep(3);
        long before = ticks();
        TimeUnit.SECONDS.sleep(5);
        // The virtual machine's own threads take a little: a hundredth of a second each tick.
        assertThat(ticks() - before).isLessThanOrEqualTo(5);
        assertNothingMore();
    }

    private long ticks() throws IOException {
        var fields = Files.readString(Path.of("/proc", Long.toString(watching.pid()), "stat"))
                .replaceFirst(".*\\) ", "")
                .split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    @Test
    void deletedFilesAndDirectories_areNothingToTell() throws Exception {
        mount("xfs");
        writeFiles(5);
        Files.createDirectories(tree.resolve("d/e"));
        watchToldByKernel();
        Files.delete(tree.resolve("file4"));
        Files.write(tree.resolve("d/e/short-lived"), bytes(0));
        Files.delete(tree.resolve("d/e/short-lived"));
        LoopFileSystem.run("rm", "-r", tree.resolve("d").toString());
        assertNothingMore();
        Files.write(tree.resolve("copy"), bytes(1));
        assertShared(next(), 1);
    }

    @Test
    void moreChangesThanTheKernelKeeps_allIsLookedThrough() throws Exception {
        mount("xfs");
        // Files.readString asks for a byte first, and of these files gets no more.
        int kept = Integer.parseInt(LoopFileSystem.run("cat", "/proc/sys/fs/fanotify/max_queued_events"));
        writeFiles(5);
        var elsewhere = Files.createDirectory(mounted.directory.resolve("elsewhere"));
        watchToldByKernel();
        signal("STOP");
        var status = Path.of("/proc/" + watching.pid() + "/status");
        while (!Files.readString(status).contains("State:\tT")) { // it reads on until it has stopped
            Thread.onSpinWait();
        }
        LoopFileSystem.run("bash", "-c", "cd " + elsewhere + " && seq 1 " + (kept + 100) + " | xargs touch");
        // The kernel has no room for this one.
        Files.write(tree.resolve("late"), bytes(1));
        signal("CONT");
        var pass = next();
        assertThat(pass.get("files").getAsInt()).as("%s", lines()).isEqualTo(6);
        assertThat(pass.get("unchangedFiles").getAsInt()).isEqualTo(5);
        assertThat(pass.get("sharedBytes").getAsLong()).isEqualTo(FILE_BYTES);
        assertNothingMore();
    }

    @Test
    void withoutPrivilege_looksThroughAgainAndSaysWhy() throws Exception {
        mount("xfs");
        writeFiles(5);
        watch(List.of("setpriv", "--bounding-set=-sys_admin"), "--rescan", "1s");
        var first = next();
        assertThat(first.get("isToldOfChanges").getAsBoolean()).isFalse();
        assertThat(first.get("reason").getAsString()).isEqualTo("Operation not permitted");
        assertThat(next().get("readFiles").getAsInt()).isEqualTo(5);
        Files.write(tree.resolve("copy"), bytes(1));
        for (var pass = next(); ; pass = next()) {
            if (pass.get("readFiles").getAsInt() > 0) {
                assertThat(pass.get("files").getAsInt()).isEqualTo(6);
                assertThat(pass.get("sharedBytes").getAsLong()).isEqualTo(FILE_BYTES);
                return;
            }
        }
    }

    @Test
    void runByHandMeanwhile_isPossible_andCtrlCEndsTheWatch() throws Exception {
        mount("xfs");
        writeFiles(5);
        watchToldByKernel();
        var byHand = CommandRun.of("dedupe", "--json", "--index", tree.resolve("index"), tree);
        assertThat(byHand.status()).as(byHand.errors()).isEqualTo(Main.DONE);
        assertThat(byHand.json().get("unchangedFiles").getAsInt()).isEqualTo(5);
        assertNothingMore();
        signal("INT");
        assertThat(watching.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(watching.exitValue()).isEqualTo(Main.INTERRUPTED);
        assertThat(errors()).startsWith("samepage: interrupted").hasLineCount(1);
    }

    @Test
    void withDryRun_isRefused() throws Exception {
        mount("xfs");
        assertThat(CommandRun.refused("dedupe", "--watch", "--dry-run", tree)).contains("--dry-run");
    }
}
