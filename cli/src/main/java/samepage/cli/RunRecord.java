package samepage.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as the history has it.
 *
 * @param paths what it was about, printable
 * @param freedBytes by how much the file system's space in use shrank
 * @param usedBytes what was in use afterwards
 * @param groups the pairs of files that came to share the most
 */
record RunRecord(
        Instant time,
        List<String> paths,
        long files,
        long bytes,
        long readBytes,
        long sharedBytes,
        long freedBytes,
        long usedBytes,
        double seconds,
        double longestStallMillis,
        List<Group> groups) {

    private static final int GROUPS_OF_SEVERAL = 16;

    /** What one file shares with another. */
    record Group(String source, String target, long bytes) {}

    /** This run and one after it as one. */
    RunRecord and(RunRecord later) {
        var all = new ArrayList<>(groups);
        all.addAll(later.groups);
        return new RunRecord(
                later.time,
                later.paths,
                later.files,
                later.bytes,
                readBytes + later.readBytes,
                sharedBytes + later.sharedBytes,
                freedBytes + later.freedBytes,
                later.usedBytes,
                seconds + later.seconds,
                Math.max(longestStallMillis, later.longestStallMillis),
                largest(all));
    }

    private static List<Group> largest(List<Group> groups) {
        return groups.stream()
                .sorted(Comparator.comparingLong(Group::bytes).reversed())
                .limit(GROUPS_OF_SEVERAL)
                .toList();
    }

    /** Null for a line that is none: the last one of a run that was killed while it wrote. */
    static @Nullable RunRecord of(String line) {
        try {
            var object = JsonParser.parseString(line).getAsJsonObject();
            var paths = new ArrayList<String>();
            for (JsonElement path : object.getAsJsonArray("paths")) {
                paths.add(path.getAsString());
            }
            var groups = new ArrayList<Group>();
            for (JsonElement element : object.getAsJsonArray("groups")) {
                var group = element.getAsJsonObject();
                groups.add(new Group(
                        group.get("source").getAsString(), group.get("target").getAsString(), number(group, "bytes")));
            }
            return new RunRecord(
                    Instant.parse(object.get("time").getAsString()),
                    List.copyOf(paths),
                    number(object, "files"),
                    number(object, "bytes"),
                    number(object, "readBytes"),
                    number(object, "sharedBytes"),
                    number(object, "freedBytes"),
                    number(object, "usedBytes"),
                    object.get("seconds").getAsDouble(),
                    object.get("longestStallMillis").getAsDouble(),
                    List.copyOf(groups));
        } catch (JsonParseException
                | IllegalStateException
                | DateTimeException
                | NullPointerException
                | UnsupportedOperationException e) {
            return null;
        }
    }

    private static long number(JsonObject object, String name) {
        return object.get(name).getAsLong();
    }
}
