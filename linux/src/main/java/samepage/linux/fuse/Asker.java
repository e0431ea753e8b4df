package samepage.linux.fuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who asks for something.
 *
 * @param process the thread's number, where it is in sight from here
 */
record Asker(int uid, int gid, int process) {
    /** Whether the group is one of theirs, as all are root's; also where nobody can tell. */
    boolean isMemberOf(int group) {
        if (uid == 0 || gid == group) {
            return true;
        }
        var status = Path.of("/proc", Integer.toString(process), "status");
        try (var lines = Files.lines(status, StandardCharsets.ISO_8859_1)) {
            String groups =
                    lines.filter(line -> line.startsWith("Groups:")).findFirst().orElse("");
            return (groups + " ").replace('\t', ' ').contains(" " + Integer.toUnsignedString(group) + " ");
        } catch (IOException | UncheckedIOException e) {
            return true; // it has gone, or is in another process namespace
        }
    }
}
