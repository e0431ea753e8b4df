package samepage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import samepage.linux.syscall.HostFile;

/**
 * {@code samepage dedupe} of more and more of the same kind on XFS, cold: time and requests for each GB, or each thousand
 * files, should stay what they are, and memory, too. {@code --kinds} and {@code --sizes} (GB, or thousands of files) choose.
 */
final class LinearBenchmark implements Bench.Benchmark {
    private static final long GIGABYTE = 1_000_000_000L;
    private static final int FILE_BYTES = 200_000_000;
    private static final int SMALL_FILE_BYTES = 4096;
    private static final int FILES_IN_DIRECTORY = 10_000;
    private static final long IMAGE_BYTES = 160L << 30;

    /** A kind of data: what the sizes count, which sizes there are, and how so much of it comes to be. */
    private record Kind(String name, String unit, String sizes, Maker maker) {}

    private interface Maker {
        void make(XfsMount mount, int size) throws Exception;
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("different", "GB", "1,4,16", (mount, size) -> data(mount, size, false)),
            new Kind("twice", "GB", "1,4,16", (mount, size) -> data(mount, size, true)),
            new Kind("zeros", "GB", "1,10,100", LinearBenchmark::zeros),
            new Kind("clones", "GB", "1,10,100", LinearBenchmark::clones),
            new Kind("small-different", "1000 files", "10,100,1000", (mount, size) -> small(mount, size, false)),
            new Kind("small-alike", "1000 files", "10,100,1000", (mount, size) -> small(mount, size, true)));

    private final Table table = new Table(
            "", "size", "s", "s for one", "requests", "requests for one", "freed MiB", "resident MiB", "index MiB");

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        HostCommand.run(launcher(), "--version");
        var wanted = Bench.option("kinds", "");
        for (var kind : KINDS) {
            if (wanted.isEmpty() || Arrays.asList(wanted.split(",", -1)).contains(kind.name)) {
                for (var size : Bench.option("sizes", kind.sizes).split(",", -1)) {
                    measure(scratch, kind, Integer.parseInt(size));
                }
            }
        }
        table.print("Dedupe on XFS, cold: more and more of the same kind");
    }

    private static String launcher() {
        return System.getProperty("samepage.launcher", "./samepage");
    }

    private void measure(Path scratch, Kind kind, int size) throws Exception {
        var place = Files.createDirectory(scratch.resolve(kind.name + "-" + size));
        try (var mount = XfsMount.mount(place, IMAGE_BYTES)) {
            if (mount == null) {
                return;
            }
            kind.maker.make(mount, size);
            HostCommand.run("sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches");
            var index = place.resolve("index");
            var usage = place.resolve("usage");
            long start = System.nanoTime();
            var said = HostCommand.output(
                    "/usr/bin/time",
                    "-o",
                    usage.toString(),
                    "-f",
                    "%M",
                    launcher(),
                    "dedupe",
                    "--json",
                    "--index",
                    index.toString(),
                    mount.path("").toString());
            double seconds = (System.nanoTime() - start) / 1e9;
            long requests = number("requests", said);
            var last = Files.readAllLines(usage).getLast().strip();
            table.row(
                    kind.name,
                    size + " " + kind.unit,
                    Table.number("%.2f", seconds),
                    Table.number("%.3f", seconds / size),
                    Long.toString(requests),
                    Table.number("%.1f", (double) requests / size),
                    Table.number("%.0f", number("freedBytes", said) / (double) (1 << 20)),
                    Table.number("%.0f", Long.parseLong(last) / 1024.0),
                    Table.number("%.1f", bytesBelow(index) / (double) (1 << 20)));
            System.out.printf("%s, %d %s: %.2f s, %s kB resident%n", kind.name, size, kind.unit, seconds, last);
        } finally {
            HostCommand.run("rm", "-rf", place.toString());
        }
    }

    private static long number(String name, String json) {
        var found = Pattern.compile("\"" + name + "\"\\s*:\\s*(-?[0-9]+)").matcher(json);
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    private static long bytesBelow(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }

    /** Files in which no block is twice; or half of them, and their copies. */
    private static void data(XfsMount mount, int gigabytes, boolean areTwice) throws Exception {
        long files = gigabytes * GIGABYTE / FILE_BYTES;
        try (var content = new Content()) {
            for (long i = 0; i < files; i++) {
                try (HostFile file = mount.createFile("file" + i)) {
                    content.write(
                            areTwice ? i % (files - files / 2) : i, FILE_BYTES, (at, data) -> file.write(data, at));
                }
            }
        }
    }

    /** Zeros that are stored by this file system, though not by the one below: it takes no more room there than one of them. */
    private static void zeros(XfsMount mount, int gigabytes) throws Exception {
        for (int i = 0; i < gigabytes; i++) {
            HostCommand.run(
                    "dd",
                    "if=/dev/zero",
                    "of=" + mount.path("zeros" + i),
                    "bs=4M",
                    "iflag=count_bytes",
                    "count=" + GIGABYTE,
                    "oflag=direct",
                    "status=none");
            mount.digHoles();
        }
    }

    private static void clones(XfsMount mount, int gigabytes) throws Exception {
        try (var content = new Content();
                HostFile file = mount.createFile("clone0")) {
            content.write(0, GIGABYTE, (at, data) -> file.write(data, at));
        }
        for (int i = 1; i < gigabytes; i++) {
            HostCommand.run(
                    "cp",
                    "--reflink=always",
                    mount.path("clone0").toString(),
                    mount.path("clone" + i).toString());
        }
    }

    private static void small(XfsMount mount, int thousands, boolean areAlike) throws Exception {
        try (var content = new Content()) {
            for (int i = 0; i < thousands * 1000; i++) {
                if (i % FILES_IN_DIRECTORY == 0) {
                    Files.createDirectory(mount.path("directory" + i / FILES_IN_DIRECTORY));
                }
                String name = "directory" + i / FILES_IN_DIRECTORY + "/some-name-" + i;
                try (HostFile file = mount.createFile(name)) {
                    file.write(content.small(areAlike ? 1 : i, SMALL_FILE_BYTES), 0);
                }
            }
        }
    }
}
