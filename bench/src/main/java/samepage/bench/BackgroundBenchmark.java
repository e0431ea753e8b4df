package samepage.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How long a program that writes to a mount waits, with the sharing in the background and without, as fio tells. Two files are
 * equal; fio writes to the first half of one without pause, while the second half is shared. Each run mounts a volume of its
 * own and lasts longer than the minute after which the sharing no longer waits for writers to rest; the daemon's own word on the longest
 * stall stands beside fio's.
 */
final class BackgroundBenchmark implements Bench.Benchmark {
    private static final String DEFAULT_SECONDS = "120";
    private static final String DEFAULT_MEBIBYTES = "1024";

    private final Timings timings = new Timings();

    /** How fio writes. */
    private record Writer(String name, String options) {}

    private static final List<Writer> WRITERS = List.of(
            new Writer("4 KiB at random", "--rw=randwrite --bs=4k"),
            new Writer("1 MiB in sequence", "--rw=write --bs=1m"));

    private static final List<String> MODES = List.of("off", "background");

    /** One cell of a line. */
    private enum Figure {
        MEDIAN("50.000000"),
        OF_100("99.000000"),
        OF_1000("99.900000"),
        LONGEST("max");

        private final Pattern pattern;

        Figure(String key) {
            this.pattern = Pattern.compile(Pattern.quote("\"" + key + "\"") + " : (\\d+)");
        }

        double seconds(String latencies) throws IOException {
            return number(pattern, latencies) / 1e9;
        }
    }

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        for (int round = 0; round < rounds; round++) {
            for (Writer writer : WRITERS) {
                for (String mode : MODES) {
                    measure(scratch, writer, mode);
                }
            }
        }
        print();
    }

    private void measure(Path scratch, Writer writer, String mode) throws Exception {
        String samepage = System.getProperty("samepage.launcher", "./samepage");
        Path directory = Files.createDirectories(scratch.resolve("mounted"));
        Path volume = scratch.resolve("volume");
        HostCommand.run(samepage, "mount", "--create", "--dedupe=" + mode, volume.toString(), directory.toString());
        try {
            writeEqualFiles(directory);
            String name = name(writer, mode);
            String latencies = latenciesOf(fio(directory, writer));
            for (Figure figure : Figure.values()) {
                timings.add(name + figure, figure.seconds(latencies));
            }
            String status = HostCommand.output(samepage, "status", "--json", directory.toString());
            timings.add(name + "daemon", told(status, "backgroundLongestStallMillis") / 1e3);
            timings.add(name + "shared", told(status, "backgroundSharedBytes") / (1 << 20));
        } finally {
            HostCommand.run(samepage, "umount", directory.toString());
            HostCommand.run("rm", "-rf", volume.toString());
        }
    }

    private static void writeEqualFiles(Path directory) throws Exception {
        HostCommand.run(
                "sh",
                "-c",
                "cd '" + directory + "' && dd if=/dev/urandom of=one bs=1M count=" + mebibytes()
                        + " status=none && dd if=one of=two bs=1M status=none");
    }

    private static int mebibytes() {
        return Integer.parseInt(Bench.option("mebibytes", DEFAULT_MEBIBYTES));
    }

    private static String fio(Path directory, Writer writer) throws Exception {
        return HostCommand.output(
                "sh",
                "-c",
                "fio --output-format=json --percentile_list=50:99:99.9 --name=j --directory='" + directory
                        + "' --filename=two --overwrite=1 --time_based --runtime="
                        + Bench.option("seconds", DEFAULT_SECONDS)
                        + " --size=" + mebibytes() / 2 + "m --norandommap --ioengine=psync " + writer.options);
    }

    /** What fio says of how long writes took from the call to its end. */
    private static String latenciesOf(String json) {
        return json.substring(json.indexOf("\"clat_ns\"", json.indexOf("\"write\" :")));
    }

    /** NaN where the daemon does not speak of it. */
    private static double told(String status, String key) throws IOException {
        var pattern = Pattern.compile("\"" + key + "\": ([0-9.]+)");
        return status.contains(key) ? number(pattern, status) : Double.NaN;
    }

    private static double number(Pattern pattern, String text) throws IOException {
        var matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no " + pattern + " in: " + text);
        }
        return Double.parseDouble(matcher.group(1));
    }

    private static String name(Writer writer, String mode) {
        return writer.name + ", sharing " + mode;
    }

    private void print() {
        var table = new Table(
                "ms of one write(2)", "median", "1 of 100", "1 of 1000", "longest", "by the daemon", "MiB shared");
        for (Writer writer : WRITERS) {
            for (String mode : MODES) {
                String name = name(writer, mode);
                table.row(
                        name,
                        Table.number("%.3f", 1e3 * timings.median(name + Figure.MEDIAN)),
                        Table.number("%.2f", 1e3 * timings.median(name + Figure.OF_100)),
                        Table.number("%.1f", 1e3 * timings.median(name + Figure.OF_1000)),
                        Table.number("%.1f", 1e3 * timings.median(name + Figure.LONGEST)),
                        Table.number("%.1f", 1e3 * timings.median(name + "daemon")),
                        Table.number("%.0f", timings.median(name + "shared")));
            }
        }
        table.print("A writer beside the sharing in the background");
    }
}
