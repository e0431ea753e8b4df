package samepage.volume;

import java.util.ArrayList;
import java.util.List;

/** What an audit has found: the first lines, and the number of all. */
final class AuditProblems {
    private static final int MOST_KEPT = 1000;

    private final List<String> lines = new ArrayList<>();
    private long count;

    void add(String line) {
        if (lines.size() < MOST_KEPT) {
            lines.add(line);
        }
        count++;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    long count() {
        return count;
    }
}
