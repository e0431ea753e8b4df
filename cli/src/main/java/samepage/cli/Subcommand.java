package samepage.cli;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** One of the commands of {@link Main}. */
abstract class Subcommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable Main main;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean helpWanted;

    /** Does it; gives the exit status. */
    abstract int run() throws IOException;

    /** Whether the answer is one JSON object. */
    boolean isJsonWanted() {
        return false;
    }

    final Console console() {
        if (main == null) {
            throw new IllegalStateException("no parent command");
        }
        return main.console();
    }

    /** What the process was given, this command's name the first of them. */
    final List<String> arguments() {
        return spec == null
                ? List.of()
                : spec.root().commandLine().getParseResult().originalArgs();
    }

    /** The first option given of those that a mixin has. */
    final Optional<String> givenOf(Class<?> mixin) {
        return spec == null
                ? Optional.empty()
                : spec.commandLine().getParseResult().matchedOptions().stream()
                        .filter(option ->
                                option.userObject() instanceof Field field && field.getDeclaringClass() == mixin)
                        .map(OptionSpec::longestName)
                        .findFirst();
    }

    @Override
    public final Integer call() throws IOException {
        // Whoever finds the volume in use is told by whom.
        System.setProperty("samepage.command", spec == null ? "samepage" : spec.qualifiedName());
        return run();
    }
}
