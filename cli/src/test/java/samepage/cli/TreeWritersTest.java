package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dedupes of a tree while other processes write, truncate, delete, replace and map its files. */
@Timeout(180)
class TreeWritersTest {
    private static final int WRITERS = 3;
    private static final int SECONDS = 12;

    @TempDir
    Path directory;

    private Path scratch() throws Exception {
        return Files.createDirectories(directory.resolve("scratch"));
    }

    private static Process startWriter(Path own, long seed, int seconds, Path output) throws Exception {
        var classFile = Path.of(Objects.requireNonNull(TreeWriter.class.getResource("TreeWriter.class"))
                .toURI());
        var line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classFile.resolve("../../..").normalize().toString(),
                TreeWriter.class.getName(),
                own.toString(),
                Long.toString(seed),
                Integer.toString(seconds));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xfs", "btrfs"})
    void othersWriteTruncateDeleteAndMap_eachFindsItsOwnBytes(String kind) throws Exception {
        try (var mounted = LoopFileSystem.mount(kind)) {
            var tree = Files.createDirectory(mounted.directory.resolve("tree"));
            var still = Files.write(tree.resolve("still"), TreeWriter.common(40 * 4096));
            long seed = System.nanoTime();
            var outputs = new ArrayList<Path>();
            var writers = new ArrayList<Process>();
            for (int i = 0; i < WRITERS; i++) {
                outputs.add(directory.resolve("writer" + i));
                var own = Files.createDirectory(tree.resolve("of" + i));
                writers.add(startWriter(own, seed + i, SECONDS, outputs.get(i)));
            }
            var watching = ChildCommand.builder(
                            scratch(),
                            "dedupe",
                            "--watch",
                            "--settle",
                            "0s",
                            "--index",
                            directory.resolve("watch").toString(),
                            tree.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("watching").toFile())
                    .start();
            long shared = 0;
            for (int run = 0; writers.stream().anyMatch(Process::isAlive); run++) {
                var dedupe = CommandRun.of("dedupe", "--json", "--index", directory.resolve("index" + run % 3), tree);
                assertThat(dedupe.errors()).isEmpty();
                shared += dedupe.json().get("sharedBytes").getAsLong();
            }
            assertThat(watching.isAlive())
                    .as(ChildCommand.text(directory.resolve("watching")))
                    .isTrue();
            new ProcessBuilder("kill", "-INT", Long.toString(watching.pid()))
                    .start()
                    .waitFor();
            assertThat(watching.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(ChildCommand.text(directory.resolve("watching"))).doesNotContain("Exception");
            assertThat(shared).as("seed=%d", seed).isPositive();

            mounted.remount();
            assertThat(Files.readAllBytes(still)).isEqualTo(TreeWriter.common(40 * 4096));
            for (var output : outputs) {
                assertAllAsLeft(ChildCommand.text(output), seed);
            }
        }
    }

    private static void assertAllAsLeft(String output, long seed) throws Exception {
        assertThat(output).as("seed=%d", seed).contains("changes ").doesNotContain("WRONG", "Exception");
        int files = 0;
        for (var line : output.lines().filter(line -> line.startsWith("file ")).toList()) {
            var words = line.split(" ", -1);
            var content = Files.readAllBytes(Path.of(words[1]));
            assertThat(content).as("seed=%d %s", seed, words[1]).hasSize(Integer.parseInt(words[2]));
            assertThat(Arrays.hashCode(content))
                    .as("seed=%d %s", seed, words[1])
                    .isEqualTo(Integer.parseInt(words[3]));
            files++;
        }
        assertThat(files).isPositive();
    }

    @Test
    void writer_ofWhoseFilesAByteChanges_noticesIt() throws Exception {
        var own = Files.createDirectory(directory.resolve("own"));
        var output = directory.resolve("output");
        var writer = startWriter(own, 1, 3, output);
        while (writer.isAlive()) {
            var file = own.resolve("own1");
            try (var open = FileChannel.open(file, StandardOpenOption.WRITE)) {
                if (open.size() > 0) {
                    open.write(ByteBuffer.wrap(new byte[] {(byte) System.nanoTime()}), 0);
                }
            } catch (NoSuchFileException e) {
                assertThat(writer.isAlive() || Files.exists(output))
                        .isTrue(); // it has taken the file away, or not made it yet
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(ChildCommand.text(output)).contains("WRONG");
    }
}
