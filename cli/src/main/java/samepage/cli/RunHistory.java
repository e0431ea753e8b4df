package samepage.cli;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import samepage.errno.PrintableName;

/** What is written down of a run, for programs and for the report. */
final class RunHistory {
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
}
