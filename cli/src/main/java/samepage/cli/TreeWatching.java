package samepage.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.reflink.TreeChanges;
import samepage.linux.reflink.TreeWatch;

/**
 * Dedupes trees for ever: first all of them, then what changes, as the kernel tells it; where it does not, all of them again
 * after a while, of which what has changed is read.
 */
final class TreeWatching {
    private final List<byte[]> paths;
    private final TreeSettings settings;
    private final TreeOptions options;

    /** Deduping what has changed; gives the number of files that there are. */
    interface Pass {
        long run(TreeChanges changes) throws IOException;
    }

    TreeWatching(List<byte[]> paths, TreeSettings settings, TreeOptions options) {
        this.paths = paths;
        this.settings = settings;
        this.options = options;
    }

    /** Goes on until a signal ends it: then it is {@link Interrupted}. */
    void run(Pass pass, BiConsumer<Map<String, Object>, String> report) throws IOException {
        TreeWatch watch;
        try {
            watch = TreeWatch.open(paths, settings.filter(), options.restTime());
        } catch (VfsException refused) {
            runWithout(refused.errno(), pass, report);
            return;
        }
        try (watch) {
            report.accept(told(null), "watching " + names() + "; the kernel tells what changes");
            Interruption.whenRequested(watch::end);
            long files = pass.run(TreeChanges.ALL);
            for (var changes = watch.await(rescanTime(Duration.ofDays(1)), files);
                    changes != null;
                    changes = watch.await(rescanTime(Duration.ofDays(1)), files)) {
                var found = pass.run(changes);
                files = changes.equals(TreeChanges.ALL) ? found : files + found;
            }
            Interruption.check();
        } finally {
            Interruption.whenRequested(() -> {});
        }
    }

    private void runWithout(Errno why, Pass pass, BiConsumer<Map<String, Object>, String> report) throws IOException {
        var every = rescanTime(Duration.ofMinutes(10));
        report.accept(
                told(why),
                "watching " + names() + " by looking through it again every "
                        + HumanText.duration(every.toMillis() / 1000.0)
                        + ", for the kernel does not tell what changes here: " + why.text()
                        + (why == Errno.EPERM ? "; root is told" : ""));
        for (; ; ) {
            pass.run(TreeChanges.ALL);
            Interruption.sleep(every);
        }
    }

    private static Map<String, Object> told(@Nullable Errno why) {
        var object = new LinkedHashMap<String, Object>();
        object.put("isToldOfChanges", why == null);
        if (why != null) {
            object.put("reason", why.text());
        }
        return object;
    }

    private String names() {
        return paths.stream().map(PrintableName::of).collect(Collectors.joining(", "));
    }

    private Duration rescanTime(Duration usual) {
        var wanted = options.rescanTime();
        return wanted == null ? usual : wanted;
    }
}
