package samepage.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samepage.errno.PrintableName;

/**
 * What a command could not do although it did the rest. Each is told at once on standard error; the first
 * {@value #REMEMBERED} are remembered for the result.
 */
final class LeftOut {
    private static final int REMEMBERED = 10_000;

    private final Progress progress;
    private final List<Map<String, String>> items = new ArrayList<>();
    private long count;

    LeftOut(Progress progress) {
        this.progress = progress;
    }

    void add(byte[] path, Throwable failure) {
        add(path, FailureText.why(failure));
    }

    synchronized void add(byte[] path, String why) {
        count++;
        var name = PrintableName.of(path);
        if (items.size() < REMEMBERED) {
            var item = new LinkedHashMap<String, String>();
            item.put("path", name);
            item.put("reason", why);
            items.add(item);
        }
        progress.complain(name + ": " + why);
    }

    long count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** One map of path and reason each. */
    List<Map<String, String>> items() {
        return items;
    }

    /** The command's exit status: done, or done in part. */
    int exitStatus() {
        return isEmpty() ? Main.DONE : Main.DONE_IN_PART;
    }
}
