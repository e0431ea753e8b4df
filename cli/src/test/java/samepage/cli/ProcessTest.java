package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: signals, sudden ends, pipes, arguments byte for byte, a full disk. */
class ProcessTest {
    private static final int FILES = 3000;

    @TempDir
    Path directory;

    private Path tree;
    private Path volume;
    private Path scratch;

    @BeforeEach
    void setUp() throws IOException {
        tree = directory.resolve("tree");
        volume = directory.resolve("store.samepage");
        scratch = Files.createDirectories(directory.resolve("scratch"));
    }

    private Process start(String... arguments) throws IOException {
        return ChildCommand.builder(scratch, arguments)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
    }

    private String output() throws IOException {
        return ChildCommand.text(scratch.resolve("output"));
    }

    @Test
    void import_interrupted_endsInOrderAndCompletesLater() throws Exception {
        TestTree.makeManyFiles(tree, FILES, 20_000);
        var process = start("import", tree.toString(), volume.toString());
        awaitFirstFiles(process);

        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output()).isEqualTo(Main.INTERRUPTED);
        assertThat(output()).contains("interrupted").doesNotContain("Exception");
        CommandRun.assertClean(volume);
        assertCompletes();
    }

    @Test
    void import_killedTenTimes_leavesAWholeVolumeAndCompletes() throws Exception {
        TestTree.makeManyFiles(tree, FILES, 20_000);
        var seed = System.nanoTime();
        var random = new Random(seed);
        for (var kill = 0; kill < 10; kill++) {
            var process = start("import", tree.toString(), volume.toString());
            process.waitFor(300 + random.nextInt(2500), TimeUnit.MILLISECONDS);
            process.destroyForcibly();
            process.waitFor();
            if (Files.exists(volume.resolve("superblock"))) {
                var check = CommandRun.of("check", "--data", volume);
                assertThat(check.status())
                        .as("seed %d, kill %d: %s %s", seed, kill, check.text(), check.errors())
                        .isZero();
            }
        }
        assertCompletes();
        CommandRun.assertClean(volume);
    }

    private void assertCompletes() throws IOException {
        CommandRun.done("import", tree, volume);
        var out = directory.resolve("out");
        CommandRun.done("export", volume, out);
        assertThat(TreeDescription.of(out.resolve("tree"))).isEqualTo(TreeDescription.of(tree));
    }

    /** Until the import is in full swing, or over. */
    private void awaitFirstFiles(Process process) throws IOException, InterruptedException {
        var data = volume.resolve("data");
        while (process.isAlive() && (!Files.exists(data) || Files.size(data) < 1 << 20)) {
            Thread.sleep(5);
        }
    }

    @Test
    void volumeInUse_isRefusedWithItsHolder() throws Exception {
        TestTree.makeManyFiles(tree, FILES, 20_000);
        var process = start("import", tree.toString(), volume.toString());
        try {
            awaitFirstFiles(process);

            var line = CommandRun.refused("df", volume);

            assertThat(line).contains("in use by process " + process.pid() + " (samepage import)");
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void ls_outputClosed_endsQuietly() throws Exception {
        TestTree.makeManyFiles(tree, 100, 10);
        CommandRun.done("import", "--no-dedupe", tree, volume);
        var listing = String.join(" ", ChildCommand.line(scratch, "ls", volume + ":/tree/d0"));

        var shell = new ProcessBuilder("bash", "-c", "(sleep 1; " + listing + "; echo $? >&2) | head -c 0")
                .redirectErrorStream(true)
                .start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("141\n");
    }

    @Test
    void arguments_notUtf8_areKeptByteForByte() throws Exception {
        Files.createDirectories(tree);
        var script =
                "printf content > $'%s/odd\\xff\\x80'; %s import $'%s/odd\\xff\\x80' %s:/$'d\\xfe' && %s cat %s:/$'d\\xfe/odd\\xff\\x80'"
                        .formatted(tree, command(), tree, volume, command(), volume);

        var shell = new ProcessBuilder("bash", "-c", script)
                .redirectErrorStream(true)
                .start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .endsWith("\ncontent");
    }

    private String command() {
        return String.join(" ", ChildCommand.line(scratch));
    }

    @Test
    void import_fullDisk_keepsWhatWasImportedBefore() throws Exception {
        TestTree.makeManyFiles(tree, 1000, 200_000);
        try (var disk = SmallDisk.mount(directory, 160L << 20)) {
            volume = disk.root().resolve("store.samepage");

            var full = ChildCommand.run(scratch, "import", tree.toString(), volume.toString());

            assertThat(full.status()).as(full.errors()).isEqualTo(Main.DONE_IN_PART);
            assertThat(full.errors()).contains("No space left on device").hasLineCount(1);
            var before = CommandRun.done("df", "--json", volume).json();
            assertThat(before.get("storedBytes").getAsLong()).isPositive();
            CommandRun.assertClean(volume);
            CommandRun.done("rm", "-r", volume + ":/tree/d0");
            CommandRun.assertClean(volume);
        }
    }

    /** More of them wait for a commit, by its clock, than there is memory for. */
    @Test
    void dedupe_manyFilesInASmallHeap_isDone() throws Exception {
        TestTree.makeManyFiles(tree, 15_000, 4096);
        CommandRun.done("import", "--no-dedupe", tree, volume + ":/one");
        CommandRun.done("import", "--no-dedupe", tree, volume + ":/two");
        var line = ChildCommand.line(scratch, "dedupe", "--json", volume.toString());
        line.set(line.indexOf("-Xmx256m"), "-Xmx40m");

        var process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();

        assertThat(process.waitFor()).as(output()).isZero();
        CommandRun.assertClean(volume);
    }

    /** A small ext4, mounted for a test. */
    private record SmallDisk(Path root) implements AutoCloseable {
        static SmallDisk mount(Path directory, long bytes) throws IOException {
            assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
            var image = directory.resolve("disk.img");
            try (var file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength(bytes);
            }
            var root = Files.createDirectory(directory.resolve("disk"));
            run(List.of("mkfs.ext4", "-q", "-m", "0", image.toString()));
            run(List.of("mount", "-o", "loop", image.toString(), root.toString()));
            return new SmallDisk(root);
        }

        private static void run(List<String> command) throws IOException {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            var status = process.onExit().join().exitValue();
            assumeTrue(status == 0, () -> String.join(" ", command) + " does not work here: " + output);
        }

        @Override
        public void close() throws IOException {
            // Lazily: a failed test may still have files open there.
            var process = new ProcessBuilder("umount", "--lazy", root.toString()).start();
            process.onExit().join();
        }
    }
}
