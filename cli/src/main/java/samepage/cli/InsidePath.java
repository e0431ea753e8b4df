package samepage.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Paths inside a volume: bytes between slashes. */
final class InsidePath {
    private InsidePath() {}

    /** The names on the way, {@code .} and empty ones left out. */
    static List<byte[]> names(byte[] path) {
        var names = new ArrayList<byte[]>();
        var start = 0;
        for (var position = 0; position <= path.length; position++) {
            if (position == path.length || path[position] == '/') {
                var isName = position > start && !(position == start + 1 && path[start] == '.');
                if (isName) {
                    names.add(Arrays.copyOfRange(path, start, position));
                }
                start = position + 1;
            }
        }
        return names;
    }
}
