package samepage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "report",
        header = "Tell what dedupes of directories have saved, over time.",
        description = {
            "",
            "Freed is what was measured on the file system before and after each run. What others wrote or removed meanwhile counts,"
                    + " too.",
            ""
        })
final class ReportCommand extends ReportingSubcommand {
    private static final int GROUPS = 10;
    private static final int GROUPS_ON_PAGE = 15;
    private static final int RUNS_IN_TEXT = 12;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneId.systemDefault());

    @Option(names = "--index", paramLabel = "DIR", description = "Only of runs with this index.")
    private @Nullable Path index;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page with pictures, complete in itself.")
    private @Nullable Path page;

    @Override
    int run() throws IOException {
        var histories = index == null ? TreeHistory.below(IndexPlace.trees()) : TreeHistory.at(index);
        if (page != null) {
            Files.writeString(page, ReportPage.of(histories, GROUPS_ON_PAGE));
        }
        report(Map.of("trees", histories.stream().map(ReportCommand::object).toList()), console -> {
            if (histories.isEmpty()) {
                console.print("no dedupe of a directory has ended yet");
            }
            histories.forEach(history -> print(console, history));
        });
        return Main.DONE;
    }

    private static Map<String, Object> object(TreeHistory history) {
        var object = new LinkedHashMap<String, Object>();
        object.put("paths", history.runs().getLast().paths());
        object.put("freedBytes", history.freedBytes());
        object.put("sharedBytes", history.sharedBytes());
        object.put("usedBytes", history.runs().getLast().usedBytes());
        var runs = new ArrayList<Map<String, Object>>();
        for (RunRecord run : history.runs()) {
            var entry = new LinkedHashMap<String, Object>();
            entry.put("time", run.time().toString());
            entry.put("files", run.files());
            entry.put("readBytes", run.readBytes());
            entry.put("sharedBytes", run.sharedBytes());
            entry.put("freedBytes", run.freedBytes());
            entry.put("usedBytes", run.usedBytes());
            entry.put("seconds", run.seconds());
            entry.put("longestStallMillis", run.longestStallMillis());
            runs.add(entry);
        }
        object.put("runs", runs);
        object.put(
                "largest",
                history.largestGroups(GROUPS).stream()
                        .map(group ->
                                Map.of("source", group.source(), "target", group.target(), "bytes", group.bytes()))
                        .toList());
        return object;
    }

    private static void print(Console console, TreeHistory history) {
        console.print(history.name() + ": freed " + HumanText.size(Math.max(0, history.freedBytes())) + " in "
                + HumanText.count(history.runs().size(), "run", "runs"));
        var runs = history.runs();
        for (RunRecord run : runs.subList(Math.max(0, runs.size() - RUNS_IN_TEXT), runs.size())) {
            console.print("  " + TIME.format(run.time()) + "  read " + HumanText.size(run.readBytes()) + ", shared "
                    + HumanText.size(run.sharedBytes()) + ", freed " + HumanText.size(Math.max(0, run.freedBytes()))
                    + ", " + HumanText.size(run.usedBytes()) + " in use, took " + HumanText.duration(run.seconds()));
        }
        List<RunRecord.Group> groups = history.largestGroups(GROUPS);
        if (!groups.isEmpty()) {
            console.print("  the most is shared by");
        }
        for (RunRecord.Group group : groups) {
            console.print("    " + HumanText.size(group.bytes()) + "  " + group.target() + "  with  " + group.source());
        }
    }
}
