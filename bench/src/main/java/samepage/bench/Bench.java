package samepage.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs one benchmark by name and prints its tables, which can be pasted into a document. */
final class Bench {
    private static final Map<String, Benchmark> BENCHMARKS = Map.of(
            "background", new BackgroundBenchmark(),
            "dedupe", new DedupeBenchmark(),
            "stall", new StallBenchmark(),
            "import", new ImportBenchmark(),
            "mapped", new MappedBenchmark(),
            "mount", new MountBenchmark(),
            "reflink", new ReflinkBenchmark(),
            "linear", new LinearBenchmark(),
            "start", new StartBenchmark());

    private static final Map<String, String> OPTIONS = new HashMap<>();

    /** One benchmark: works in a directory of its own, which is removed afterwards. */
    interface Benchmark {
        void run(Path scratch, int rounds) throws Exception;
    }

    private Bench() {}

    /** What {@code --NAME=VALUE} on the command line says; the benchmark's own default where it says nothing. */
    static String option(String name, String whereAbsent) {
        return OPTIONS.getOrDefault(name, whereAbsent);
    }

    public static void main(String[] allArgs) throws Exception {
        String[] args =
                Arrays.stream(allArgs).filter(word -> !word.startsWith("--")).toArray(String[]::new);
        for (String word : allArgs) {
            int equals = word.indexOf('=');
            if (word.startsWith("--") && equals > 0) {
                OPTIONS.put(word.substring(2, equals), word.substring(equals + 1));
            }
        }
        Benchmark benchmark = args.length == 0 ? null : BENCHMARKS.get(args[0]);
        if (benchmark == null) {
            System.err.println(
                    "usage: bench/run background|dedupe|stall|import|mapped|mount|reflink|linear|start [--OPTION=VALUE]... [ROUNDS] [DIRECTORY]");
            System.exit(2);
            return;
        }
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        Path parent = Path.of(args.length > 2 ? args[2] : "bench/target");
        Path scratch = Files.createTempDirectory(parent.toAbsolutePath(), "scratch-");
        printSettings();
        try {
            benchmark.run(scratch, rounds);
        } finally {
            HostCommand.run("rm", "-rf", scratch.toString());
        }
    }

    private static void printSettings() throws Exception {
        var runtime = ManagementFactory.getRuntimeMXBean();
        List<String> options = runtime.getInputArguments().stream()
                .filter(option -> option.startsWith("-X"))
                .toList();
        System.out.printf(
                "%d × %s, Linux %s, Java %s%n%s%n",
                Runtime.getRuntime().availableProcessors(),
                HostCommand.output("sh", "-c", "grep -m1 'model name' /proc/cpuinfo | cut -d: -f2"),
                System.getProperty("os.version"),
                runtime.getVmVersion(),
                String.join(" ", options));
    }
}
