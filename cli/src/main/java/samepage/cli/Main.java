package samepage.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code samepage}. Exit status: 0 done, 1 done in part, 2 refused. */
@Command(
        name = "samepage",
        description = "Files with the same bytes share the same storage.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class)
final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command and returns its exit status. */
    static int run(String... arguments) {
        return new CommandLine(new Main()).execute(arguments);
    }
}
