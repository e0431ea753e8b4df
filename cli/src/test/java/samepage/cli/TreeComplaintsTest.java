package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users of other tools complain about, as far as it takes a process of its own or an index on disk: each complaint a test,
 * whose name begins with it. A crash in mid-run that has one start over is {@link TreeCrashTest}; the rest is in {@code linux}.
 */
@Timeout(180)
class TreeComplaintsTest {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    @TempDir
    Path directory;

    private LoopFileSystem mounted;
    private Path tree;
    private Path index;

    @BeforeEach
    void setUp() throws Exception {
        mounted = LoopFileSystem.mount("xfs");
        tree = Files.createDirectory(mounted.directory.resolve("tree"));
        index = directory.resolve("index");
    }

    @AfterEach
    void unmount() throws IOException {
        mounted.close();
    }

    private static byte[] bytes(long seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private CommandRun dedupe() {
        return CommandRun.of("dedupe", "--json", "--index", index, tree);
    }

    @Test
    void memoryGrowth_tenTimesTheFiles_takeNoMoreMemory() throws Exception {
        long ofFew = residentWith(2_000, "few");
        long ofMany = residentWith(20_000, "many");
        assertThat(ofMany).isLessThan(300L * MIB).isLessThan(ofFew + 60L * MIB);
    }

    /** The most memory that a dedupe of so many files, all different, has resident. */
    private long residentWith(int files, String name) throws Exception {
        var below = Files.createDirectory(tree.resolve(name));
        for (int i = 0; i < files; i++) {
            Files.write(below.resolve("file" + i), bytes(i, 6000));
        }
        var scratch = Files.createDirectories(directory.resolve("scratch"));
        var process = ChildCommand.builder(
                        scratch,
                        "dedupe",
                        "--memory",
                        "96M",
                        "--index",
                        directory.resolve("index-" + name).toString(),
                        below.toString())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
        long most = 0;
        while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
            most = Math.max(most, resident(process.pid()));
        }
        assertThat(process.exitValue())
                .as(ChildCommand.text(scratch.resolve("output")))
                .isEqualTo(Main.DONE);
        return most;
    }

    private static long resident(long process) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(process), "status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void powerLossLosingTheStore_indexCutShort_isMadeAnewAndNoFileIsHarmed() throws Exception {
        for (int i = 0; i < 60; i++) {
            Files.write(tree.resolve("file" + i), bytes(i / 3, 20 * KIB));
        }
        assertThat(dedupe().status()).isEqualTo(Main.DONE);
        try (var files = Files.walk(index.resolve("store"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.truncate(channel.size() / 2);
                }
            }
        }
        var again = dedupe();
        assertThat(again.status()).as(again.errors()).isEqualTo(Main.DONE);
        assertThat(again.json().get("files").getAsInt()).isEqualTo(60);
        assertThat(dedupe().json().get("unchangedFiles").getAsInt()).isEqualTo(60);
        for (int i = 0; i < 60; i++) {
            assertThat(Files.readAllBytes(tree.resolve("file" + i))).isEqualTo(bytes(i / 3, 20 * KIB));
        }
    }
}
