package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code samepage dedupe} on directories of the kernel's own file systems. */
class TreeDedupeTest {
    private static final int KIB = 1024;

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

    private void writeCopies(int files, int fileBytes) throws IOException {
        for (String copy : new String[] {"a", "b", "c"}) {
            var target = Files.createDirectories(tree.resolve(copy));
            for (int i = 0; i < files; i++) {
                Files.write(target.resolve("file" + i), bytes(i, fileBytes + i));
            }
        }
    }

    private Map<String, Long> look() throws IOException {
        var seen = new TreeMap<String, Long>();
        try (var paths = Files.walk(tree)) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                var sum = new CRC32C();
                sum.update(Files.readAllBytes(path));
                seen.put(tree.relativize(path).toString(), sum.getValue());
            }
        }
        return seen;
    }

    private CommandRun dedupe(Object... more) {
        var words = new ArrayList<Object>(List.of("dedupe", "--json", "--index", index));
        words.addAll(Arrays.asList(more));
        words.add(tree);
        return CommandRun.of(words.toArray());
    }

    @Test
    void twice_secondReadsNothing() throws Exception {
        writeCopies(50, 20 * KIB);
        var before = look();
        var first = dedupe();
        var second = dedupe();
        assertThat(first.errors()).isEmpty();
        assertThat(first.json().get("readFiles").getAsInt()).isEqualTo(150);
        assertThat(first.json().get("freedBytes").getAsLong()).isGreaterThan(100 * 20 * KIB);
        assertThat(second.json().get("readFiles").getAsInt()).isZero();
        assertThat(second.json().get("unchangedFiles").getAsInt()).isEqualTo(150);
        assertThat(look()).isEqualTo(before);
    }

    @Test
    void dryRun_tellsWhatARunWouldShare_andChangesNothing() throws Exception {
        writeCopies(50, 20 * KIB);
        var dry = dedupe("--dry-run").json();
        var real = dedupe().json();
        assertThat(dry.get("shareableBytes").getAsLong())
                .isEqualTo(real.get("sharedBytes").getAsLong());
        assertThat(real.get("readFiles").getAsInt()).isEqualTo(150);
    }

    @Test
    void estimate_readsAPart_andComesNear() throws Exception {
        writeCopies(500, 8 * KIB);
        var estimate = dedupe("--estimate").json();
        var real = dedupe().json();
        assertThat(estimate.get("readFiles").getAsInt()).isLessThan(250);
        assertThat(estimate.get("shareableBytes").getAsDouble()
                        / real.get("sharedBytes").getAsLong())
                .isBetween(0.7, 1.4);
    }

    @Test
    void filters_sayWhatTakesPart() throws Exception {
        writeCopies(10, 8 * KIB);
        assertThat(dedupe("--dry-run", "--exclude", "c/")
                        .json()
                        .get("readFiles")
                        .getAsInt())
                .isEqualTo(20);
        assertThat(dedupe("--dry-run", "--include", "/a/", "--include", "b/file[0-4]")
                        .json()
                        .get("readFiles")
                        .getAsInt())
                .isEqualTo(15);
        assertThat(dedupe("--dry-run", "--min-size", "8193")
                        .json()
                        .get("readFiles")
                        .getAsInt())
                .isEqualTo(27);
        assertThat(dedupe("--dry-run", "--max-size", "8k")
                        .json()
                        .get("readFiles")
                        .getAsInt())
                .isEqualTo(3);
        assertThat(dedupe("--dry-run", "--block-size", "64k")
                        .json()
                        .get("readFiles")
                        .getAsInt())
                .isEqualTo(30);
    }

    @Test
    void filesFrom_endedByNul_takesThese() throws Exception {
        writeCopies(3, 8 * KIB);
        var odd = Files.write(tree.resolve("a/odd\nname"), bytes(0, 8 * KIB));
        var list = Files.writeString(directory.resolve("list"), odd + "\0" + tree.resolve("b/file0") + "\0");
        var run = CommandRun.of("dedupe", "--json", "--index", index, "--files-from", list, "-0");
        assertThat(run.errors()).isEmpty();
        assertThat(run.json().get("readFiles").getAsInt()).isEqualTo(2);
        assertThat(run.json().get("sharedBytes").getAsInt()).isEqualTo(8 * KIB);
    }

    @Test
    void fileSystemThatCannotShare_isRefusedWithOneLineThatNamesImport() throws Exception {
        try (var other = LoopFileSystem.mount("ext4")) {
            var line = CommandRun.refused("dedupe", "--index", index, other.directory);
            assertThat(line).contains("cannot share storage").contains("samepage import");
        }
    }

    @Test
    void twoRunsOnOneIndex_secondIsRefusedAndSaysWhy() throws Exception {
        try (var _ = IndexPlace.take(index)) {
            assertThat(CommandRun.refused("dedupe", "--index", index, tree)).contains("another run");
        }
    }

    @Test
    void history_hasALineForEachRun() throws Exception {
        writeCopies(5, 20 * KIB);
        dedupe();
        dedupe();
        assertThat(IndexPlace.history(index)).hasSize(2).first().asString().contains("\"freedBytes\":");
    }

    @Test
    void pause_stopAndContinue_completes() throws Exception {
        writeCopies(300, 30 * KIB);
        var scratch = Files.createDirectories(directory.resolve("scratch"));
        var process = ChildCommand.builder(
                        scratch,
                        "dedupe",
                        "--progress=json",
                        "--rate",
                        "3M",
                        "--index",
                        index.toString(),
                        tree.toString())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
        TimeUnit.MILLISECONDS.sleep(700);
        new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor(1, TimeUnit.SECONDS)).isFalse();
        new ProcessBuilder("kill", "-CONT", Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(Main.DONE);
    }
}
