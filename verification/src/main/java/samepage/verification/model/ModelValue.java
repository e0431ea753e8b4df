package samepage.verification.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A value as the checker prints it: a word, a sequence or set of values, or a record. */
record ModelValue(String text, List<ModelValue> elements, Map<String, ModelValue> fields) {
    static ModelValue parse(String printed) {
        return new Parser(printed).value();
    }

    ModelValue field(String name) {
        return Objects.requireNonNull(fields.get(name), name);
    }

    private static final class Parser {
        private final String printed;
        private int at;

        Parser(String printed) {
            this.printed = printed;
        }

        ModelValue value() {
            if (take("<<")) {
                return sequence(">>");
            }
            if (take("{")) {
                return sequence("}");
            }
            if (take("[")) {
                return fields();
            }
            if (take("\"")) {
                int end = printed.indexOf('"', at);
                String word = printed.substring(at, end);
                at = end + 1;
                return new ModelValue(word, List.of(), Map.of());
            }
            return new ModelValue(word(), List.of(), Map.of());
        }

        private ModelValue sequence(String end) {
            var elements = new ArrayList<ModelValue>();
            while (!take(end)) {
                elements.add(value());
                take(",");
            }
            return new ModelValue("", elements, Map.of());
        }

        private ModelValue fields() {
            var fields = new LinkedHashMap<String, ModelValue>();
            while (!take("]")) {
                String name = word();
                if (!take("|->")) {
                    throw new IllegalArgumentException("no record: " + printed);
                }
                fields.put(name, value());
                take(",");
            }
            return new ModelValue("", List.of(), fields);
        }

        private String word() {
            skipSpace();
            int start = at;
            while (at < printed.length()
                    && (Character.isLetterOrDigit(printed.charAt(at)) || printed.charAt(at) == '_')) {
                at++;
            }
            if (start == at) {
                throw new IllegalArgumentException("no value at " + at + ": " + printed);
            }
            return printed.substring(start, at);
        }

        private boolean take(String token) {
            skipSpace();
            boolean there = printed.startsWith(token, at);
            at += there ? token.length() : 0;
            return there;
        }

        private void skipSpace() {
            while (at < printed.length() && Character.isWhitespace(printed.charAt(at))) {
                at++;
            }
        }
    }
}
