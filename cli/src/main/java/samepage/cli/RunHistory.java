package samepage.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import samepage.errno.PrintableName;

/** What is written down of a run, for programs and for the report. */
final class RunHistory {
    /** A history of more lines than this becomes one of the newest, and of so many that stand for several older ones. */
    private static final int MOST_LINES = 1000;

    private static final int NEWEST = 100;
    private static final int OLDER = 400;

    private RunHistory() {}

    /** The result of a run as one object. */
    static Map<String, Object> object(TreeSharing.Outcome outcome, double seconds) {
        var result = outcome.result();
        var object = new LinkedHashMap<String, Object>();
        object.put("files", outcome.foundFiles());
        object.put("bytes", outcome.foundBytes());
        object.put("unchangedFiles", outcome.unchangedFiles());
        object.put("readFiles", result.files());
        object.put("readBytes", result.logicalBytes());
        object.put("requests", outcome.requests());
        object.put("sharedBytes", result.sharedBytes());
        object.put("freedBytes", result.freedBytes());
        object.put("usedBytes", outcome.usedBytes());
        object.put("seconds", seconds);
        object.put("longestStallMillis", HumanText.millis(result.longestStall()));
        return object;
    }

    /** The result on a line, with when it was and what it was about. */
    static String line(List<byte[]> paths, TreeSharing.Outcome outcome, double seconds) {
        var object = new LinkedHashMap<String, Object>();
        object.put("time", Instant.now().toString());
        object.put("paths", paths.stream().map(PrintableName::of).toList());
        object.putAll(object(outcome, seconds));
        object.put(
                "groups",
                outcome.largest().stream()
                        .map(group -> Map.of(
                                "source", PrintableName.of(group.source()),
                                "target", PrintableName.of(group.target()),
                                "bytes", group.bytes()))
                        .toList());
        return JsonText.lineOf(object);
    }

    /** The history, which a watch would make longer for ever, with its older runs put together where it is too long. */
    static List<String> condensed(List<String> lines) {
        if (lines.size() <= MOST_LINES) {
            return lines;
        }
        int newest = lines.size() - NEWEST;
        List<RunRecord> older = lines.subList(0, newest).stream()
                .map(RunRecord::of)
                .filter(Objects::nonNull)
                .toList();
        while (older.size() > OLDER) {
            older = inPairs(older);
        }
        var condensed = new ArrayList<String>();
        older.forEach(run -> condensed.add(line(run)));
        condensed.addAll(lines.subList(newest, lines.size()));
        return condensed;
    }

    private static List<RunRecord> inPairs(List<RunRecord> runs) {
        var pairs = new ArrayList<RunRecord>();
        for (int i = 0; i < runs.size(); i += 2) {
            pairs.add(i + 1 < runs.size() ? runs.get(i).and(runs.get(i + 1)) : runs.get(i));
        }
        return pairs;
    }

    private static String line(RunRecord run) {
        var object = new LinkedHashMap<String, Object>();
        object.put("time", run.time().toString());
        object.put("paths", run.paths());
        object.put("files", run.files());
        object.put("bytes", run.bytes());
        object.put("readBytes", run.readBytes());
        object.put("sharedBytes", run.sharedBytes());
        object.put("freedBytes", run.freedBytes());
        object.put("usedBytes", run.usedBytes());
        object.put("seconds", run.seconds());
        object.put("longestStallMillis", run.longestStallMillis());
        object.put(
                "groups",
                run.groups().stream()
                        .map(group ->
                                Map.of("source", group.source(), "target", group.target(), "bytes", group.bytes()))
                        .toList());
        return JsonText.lineOf(object);
    }
}
