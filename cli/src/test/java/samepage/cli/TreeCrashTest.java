package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A dedupe of a tree that is ended at random moments, and run again: a process of its own, on real file systems. */
@Timeout(300)
class TreeCrashTest {
    private static final int KIB = 1024;
    private static final int SMALL_FILES = 300;
    private static final int LARGE_BYTES = 24 << 20;
    private static final int ROUNDS = 5;

    @TempDir
    Path directory;

    /** What can be seen of a file. */
    private record Seen(long length, long checksum, FileTime modified, FileTime changed, Object inode) {}

    private static Map<String, Seen> look(Path tree) throws IOException {
        var seen = new TreeMap<String, Seen>();
        try (var paths = Files.walk(tree)) {
            for (var path : paths.filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                var sum = new CRC32C();
                var content = Files.readAllBytes(path);
                sum.update(content);
                seen.put(
                        tree.relativize(path).toString(),
                        new Seen(
                                content.length,
                                sum.getValue(),
                                Files.getLastModifiedTime(path),
                                (FileTime) Files.getAttribute(path, "unix:ctime"),
                                Files.getAttribute(path, "unix:ino")));
            }
        }
        return seen;
    }

    private static byte[] bytes(long seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Three copies of small files, some of them with edits, and of a large one. */
    private static Path writeTree(Path parent) throws IOException {
        var tree = Files.createDirectory(parent.resolve("tree"));
        for (int copy = 0; copy < 3; copy++) {
            var below = Files.createDirectory(tree.resolve("copy" + copy));
            for (int i = 0; i < SMALL_FILES; i++) {
                var content = bytes(i, 30 * KIB + i);
                content[i] += (byte) (i % 5 == 0 ? copy : 0);
                Files.write(below.resolve("file" + i), content);
            }
            var large = bytes(-1, LARGE_BYTES);
            large[LARGE_BYTES / 2] = (byte) copy;
            Files.write(below.resolve("large"), large);
        }
        return tree;
    }

    private CommandRun dedupe(Path index, Path tree) {
        return CommandRun.of("dedupe", "--json", "--index", index, tree);
    }

    @ParameterizedTest
    @CsvSource({"xfs,KILL", "xfs,INT", "btrfs,KILL", "btrfs,INT"})
    void crashInMidRun_atRandomMoments_nextRunCompletesAndNothingIsLost(String kind, String signal) throws Exception {
        long inOneGo;
        try (var mounted = LoopFileSystem.mount(kind)) {
            var tree = writeTree(mounted.directory);
            long before = mounted.usedBytes();
            assertThat(dedupe(directory.resolve("other"), tree).status()).isEqualTo(Main.DONE);
            inOneGo = before - mounted.usedBytes();
        }
        long seed = System.nanoTime();
        var random = new Random(seed);
        var index = directory.resolve("index");
        try (var mounted = LoopFileSystem.mount(kind)) {
            var tree = writeTree(mounted.directory);
            var seen = look(tree);
            long used = mounted.usedBytes();
            for (int round = 0; round < ROUNDS; round++) {
                endAtRandomMoment(index, tree, signal, random);
            }
            assertThat(look(tree)).as("seed=%d", seed).isEqualTo(seen);
            long usedThen = mounted.usedBytes();

            var last = dedupe(index, tree);

            assertThat(last.status()).as("seed=%d %s", seed, last.errors()).isEqualTo(Main.DONE);
            long usedNow = mounted.usedBytes();
            assertThat(last.json().get("freedBytes").getAsLong())
                    .as("seed=%d", seed)
                    .isEqualTo(usedThen - usedNow);
            assertThat((double) (used - usedNow))
                    .as("seed=%d", seed)
                    .isCloseTo((double) inOneGo, Percentage.withPercentage(3));
            mounted.remount();
            assertThat(look(tree)).as("seed=%d", seed).isEqualTo(seen);
            assertThat(dedupe(index, tree).json().get("unchangedFiles").getAsInt())
                    .isEqualTo(seen.size());
        }
    }

    /** Of a run that takes some seconds, for it may read only so fast. */
    private void endAtRandomMoment(Path index, Path tree, String signal, Random random) throws Exception {
        var scratch = Files.createDirectories(directory.resolve("scratch"));
        var process = ChildCommand.builder(
                        scratch, "dedupe", "--index", index.toString(), "--rate", "40M", tree.toString())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
        while (process.isAlive() && !Files.exists(index.resolve("lock"))) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        process.waitFor(random.nextInt(3000), TimeUnit.MILLISECONDS);
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var output = ChildCommand.text(scratch.resolve("output"));
        assertThat(output).doesNotContain("Exception");
        if (process.exitValue() == Main.INTERRUPTED && !output.isEmpty()) { // empty: it ended before it could listen
            assertThat(output).contains("the next run goes on from here").hasLineCount(1);
        }
    }
}
