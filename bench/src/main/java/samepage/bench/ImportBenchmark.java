package samepage.bench;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** {@code samepage import} beside {@code cp} followed by {@code sync}, as processes on the same disk. */
final class ImportBenchmark implements Bench.Benchmark {
    private static final long FILE_BYTES = 2L << 30;
    private static final int TREE_FILES = 50_000;
    private static final int FILES_PER_DIRECTORY = 250;
    private static final int MEDIAN_BYTES = 4096;

    private final Timings timings = new Timings();

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        Path file = scratch.resolve("file");
        Path tree = scratch.resolve("tree");
        try (var content = new Content()) {
            writeFile(content, file, FILE_BYTES, 0);
            writeTree(content, tree);
        }
        var table = new Table("", "median s", "least", "most", "of cp + sync");
        for (var source : new Path[] {file, tree}) {
            String what = source.equals(file) ? "2 GiB file" : "50,000 files";
            for (int round = -1; round < rounds; round++) {
                Timings into = round < 0 ? new Timings() : timings;
                compare(into, what, scratch, source);
            }
            for (String name : timings.names()) {
                if (name.startsWith(what)) {
                    table.row(
                            name,
                            Table.number("%.2f", timings.median(name)),
                            Table.number("%.2f", timings.least(name)),
                            Table.number("%.2f", timings.most(name)),
                            Table.number("%.2f", timings.speed(name, what + ": cp + sync")));
                }
            }
        }
        table.print("Import");
    }

    private static void compare(Timings into, String what, Path scratch, Path source) throws Exception {
        Path target = scratch.resolve("target");
        String copy = "cp -a '" + source + "' '" + target + "' && sync";
        String samepage = System.getProperty("samepage.launcher", "./samepage");
        time(into, what + ": cp + sync", source, target, "sh", "-c", copy);
        time(
                into,
                what + ": import --no-dedupe",
                source,
                target,
                samepage,
                "import",
                "--no-dedupe",
                source.toString(),
                target.toString());
        time(into, what + ": import", source, target, samepage, "import", source.toString(), target.toString());
    }

    /** The source is in the host's cache and nothing is dirty when the clock starts. */
    private static void time(Timings into, String name, Path source, Path target, String... command) throws Exception {
        HostCommand.run("sh", "-c", "find '" + source + "' -type f -exec cat {} + > /dev/null; sync");
        into.time(name, () -> HostCommand.run(command));
        HostCommand.run("sh", "-c", "rm -rf '" + target + "' && sync");
    }

    private static void writeFile(Content content, Path path, long bytes, long seed) throws Exception {
        try (FileChannel channel = FileChannel.open(path, CREATE_NEW, WRITE)) {
            content.write(seed, bytes, (offset, data) -> {
                int written = channel.write(data.asByteBuffer(), offset);
                if (written < data.byteSize()) {
                    throw new IOException("short write: " + path);
                }
            });
        }
    }

    /** Sizes as source trees have them: half of the files within 4 KiB, few large. */
    private static void writeTree(Content content, Path tree) throws Exception {
        var random = new SplittableRandom(2);
        for (int i = 0; i < TREE_FILES; i++) {
            Path directory = tree.resolve("directory" + i / FILES_PER_DIRECTORY);
            if (i % FILES_PER_DIRECTORY == 0) {
                Files.createDirectories(directory);
            }
            double logarithm = random.nextGaussian() * 1.5;
            long bytes = (long) Math.min(1 << 20, Math.max(1, MEDIAN_BYTES * Math.exp(logarithm)));
            writeSmallFile(content, directory.resolve("file" + i), bytes, i);
        }
    }

    private static void writeSmallFile(Content content, Path path, long bytes, long seed) throws Exception {
        try (FileChannel channel = FileChannel.open(path, CREATE_NEW, WRITE)) {
            channel.write(content.small(seed, bytes).asByteBuffer());
        }
    }
}
