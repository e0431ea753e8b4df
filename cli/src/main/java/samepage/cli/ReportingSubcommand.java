package samepage.cli;

import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** A command whose answer is for people, or with {@code --json} one object for programs. */
abstract class ReportingSubcommand extends Subcommand {
    @Option(names = "--json", description = "Print the result as one JSON object.")
    private boolean jsonWanted;

    @Override
    final boolean isJsonWanted() {
        return jsonWanted;
    }

    /** Whether an object is one of many, and so on a line of its own. */
    boolean isLineWanted() {
        return false;
    }

    /** Prints the result, one way or the other. */
    final void report(Map<String, ?> object, Consumer<Console> inWords) {
        if (jsonWanted) {
            console().print(isLineWanted() ? JsonText.lineOf(object) : JsonText.of(object));
        } else {
            inWords.accept(console());
        }
    }
}
