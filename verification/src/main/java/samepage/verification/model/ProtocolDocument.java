package samepage.verification.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The parts of {@code docs/protocol.md} that the model writes: the counterexamples, and the table of states. */
final class ProtocolDocument {
    private static final String COUNTEREXAMPLES = "counterexamples";
    private static final String STATES = "states";

    private final String text;

    ProtocolDocument(String text) {
        this.text = text;
    }

    static ProtocolDocument read(Path file) throws IOException {
        return new ProtocolDocument(Files.readString(file));
    }

    void write(Path file) throws IOException {
        Files.writeString(file, text);
    }

    /** The document with those parts as the results have them. */
    ProtocolDocument with(List<ModelChecker.Result> results) {
        return with(COUNTEREXAMPLES, counterexamples(results)).with(STATES, states(results));
    }

    private ProtocolDocument with(String part, String content) {
        int from = text.indexOf(begin(part));
        int to = text.indexOf(end(part));
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("the document has no place for its " + part);
        }
        return new ProtocolDocument(text.substring(0, from) + begin(part) + "\n" + content + "\n" + text.substring(to));
    }

    private static String begin(String part) {
        return "<!-- begin: " + part + ", written by `verification/run model document` -->\n";
    }

    private static String end(String part) {
        return "<!-- end: " + part + " -->\n";
    }

    private static String counterexamples(List<ModelChecker.Result> results) {
        var examples = new StringBuilder();
        for (ModelChecker.Result result : results) {
            if (!result.broken().equals(ModelCheck.NONE)) {
                examples.append(examples.isEmpty() ? "" : "\n")
                        .append("### Without ")
                        .append(result.check().steps())
                        .append("\n\n`")
                        .append(result.check().scenario())
                        .append("`: ")
                        .append(result.check().meaning())
                        .append(".\n\n```text\n")
                        .append(result.trace().draw())
                        .append("```\n");
            }
        }
        return examples.toString();
    }

    private static String states(List<ModelChecker.Result> results) {
        var table = new StringBuilder("| scenario | without | outcome | states |\n|---|---|---|---:|\n");
        for (ModelChecker.Result result : results) {
            boolean holds = result.broken().equals(ModelCheck.NONE);
            table.append("| `%s` | %s | %s | %,d |%n"
                    .formatted(
                            result.check().scenario(),
                            result.check().steps(),
                            holds
                                    ? "holds"
                                    : "`%s` broken in %d steps"
                                            .formatted(
                                                    result.broken(),
                                                    result.trace().stepCount()),
                            result.distinctStates()));
        }
        return table.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProtocolDocument document && document.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
