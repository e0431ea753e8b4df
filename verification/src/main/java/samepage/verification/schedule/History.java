package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;

/** What was done, when it began and ended, and what came of it. */
final class History {
    private final List<Entry> entries = new ArrayList<>();

    /** One operation. */
    static final class Entry {
        final String thread;
        final Operation operation;
        final int start;
        int end = Integer.MAX_VALUE;
        Outcome outcome = Outcome.refused("never ended");

        Entry(String thread, Operation operation, int start) {
            this.thread = thread;
            this.operation = operation;
            this.start = start;
        }

        void end(int at, Outcome result) {
            end = at;
            outcome = result;
        }

        @Override
        public String toString() {
            return "[" + start + "," + (end == Integer.MAX_VALUE ? "-" : end) + "] " + thread + " " + operation + " = "
                    + outcome;
        }
    }

    Entry begin(String thread, Operation operation, int start) {
        var entry = new Entry(thread, operation, start);
        entries.add(entry);
        return entry;
    }

    List<Entry> entries() {
        return entries;
    }

    boolean sharedSomething() {
        return entries.stream().anyMatch(entry -> entry.outcome.newlyShared());
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        entries.forEach(entry -> text.append(entry).append('\n'));
        return text.toString();
    }
}
