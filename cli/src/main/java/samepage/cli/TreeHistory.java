package samepage.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All runs on one tree, the oldest first; at least one.
 *
 * @param name its paths
 */
record TreeHistory(String name, List<RunRecord> runs) {
    /** Of a place of an index; none where no run has ended there. */
    static List<TreeHistory> at(Path place) throws IOException {
        var runs = new ArrayList<RunRecord>();
        for (String line : IndexPlace.history(place)) {
            var run = RunRecord.of(line);
            if (run != null) {
                runs.add(run);
            }
        }
        return runs.isEmpty()
                ? List.of()
                : List.of(new TreeHistory(String.join(" ", runs.getLast().paths()), List.copyOf(runs)));
    }

    /** Of all places below a directory, by name. */
    static List<TreeHistory> below(Path places) throws IOException {
        if (!Files.isDirectory(places)) {
            return List.of();
        }
        var histories = new ArrayList<TreeHistory>();
        try (var directories = Files.newDirectoryStream(places)) {
            for (Path place : directories) {
                histories.addAll(at(place));
            }
        }
        histories.sort(Comparator.comparing(TreeHistory::name));
        return histories;
    }

    /** What all runs have freed together; what others wrote meanwhile counts against it. */
    long freedBytes() {
        return runs.stream().mapToLong(RunRecord::freedBytes).sum();
    }

    long sharedBytes() {
        return runs.stream().mapToLong(RunRecord::sharedBytes).sum();
    }

    /** The pairs of files that came to share the most, over all runs, the largest first. */
    List<RunRecord.Group> largestGroups(int count) {
        Map<List<String>, RunRecord.Group> groups = new LinkedHashMap<>();
        for (RunRecord run : runs) {
            for (RunRecord.Group group : run.groups()) {
                groups.merge(
                        List.of(group.source(), group.target()),
                        group,
                        (one, other) ->
                                new RunRecord.Group(one.source(), one.target(), Math.max(one.bytes(), other.bytes())));
            }
        }
        return largest(groups.values(), count);
    }

    private static List<RunRecord.Group> largest(Collection<RunRecord.Group> groups, int count) {
        return groups.stream()
                .sorted(Comparator.comparingLong(RunRecord.Group::bytes).reversed())
                .limit(count)
                .toList();
    }

    /** Of the largest groups, how much came to be shared in which directory, the most first. */
    List<Map.Entry<String, Long>> sharedByDirectory(int count) {
        var bytes = new LinkedHashMap<String, Long>();
        for (RunRecord.Group group : largestGroups(Integer.MAX_VALUE)) {
            int end = group.target().lastIndexOf('/');
            bytes.merge(end <= 0 ? "/" : group.target().substring(0, end), group.bytes(), Long::sum);
        }
        return bytes.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(count)
                .toList();
    }
}
