package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Samepage in a process of its own. */
record ChildCommand(int status, String output, String errors) {
    /** The command line; what the child keeps in temporary files goes to {@code scratch}. */
    static List<String> line(Path scratch, String... arguments) {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData", "-ea"));
        line.add("-Djava.io.tmpdir=" + scratch);
        line.add("--sun-misc-unsafe-memory-access=allow");
        var modulePath = System.getProperty("jdk.module.path");
        if (modulePath == null) {
            line.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
            line.add(Main.class.getName());
        } else {
            line.add("--enable-native-access=samepage.core,samepage.linux,rocksdbjni");
            line.addAll(List.of("--module-path", modulePath, "--module", "samepage.cli/" + Main.class.getName()));
        }
        line.addAll(List.of(arguments));
        return line;
    }

    static ProcessBuilder builder(Path scratch, String... arguments) {
        return new ProcessBuilder(line(scratch, arguments));
    }

    static ChildCommand run(Path scratch, String... arguments) throws IOException, InterruptedException {
        return run(scratch, line(scratch, arguments));
    }

    /** The same, as a root who is bound by permissions. */
    static ChildCommand withoutOverride(Path scratch, String... arguments) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
        line.addAll(line(scratch, arguments));
        return run(scratch, line);
    }

    private static ChildCommand run(Path scratch, List<String> line) throws IOException, InterruptedException {
        var out = Files.createTempFile(scratch, "out", "");
        var err = Files.createTempFile(scratch, "err", "");
        var process = new ProcessBuilder(line)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new ChildCommand(process.waitFor(), text(out), text(err));
    }

    static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
