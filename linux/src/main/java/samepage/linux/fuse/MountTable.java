package samepage.linux.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;

/** What is mounted, as this process sees it. Paths are bytes, each shown as one character. */
public final class MountTable {
    private static final Path FILE = Path.of("/proc/self/mountinfo");

    /**
     * One mount.
     *
     * @param device {@code major:minor}
     */
    public record Mounted(String device, String directory, String type, String source) {
        /** Whether it is one of ours, by its type; one mounted as plain {@code fuse} can be anybody's. */
        public boolean isSamepage() {
            return type.equals("fuse.samepage");
        }

        /** The directory as the system calls take it. */
        public byte[] directoryBytes() {
            return bytes(directory);
        }

        /** Whether who served it has gone: it answers nothing any more. */
        public boolean isStale() {
            // Attributes may be cached still; how full it is is asked anew each time.
            try (var open = HostDirectory.open(directoryBytes())) {
                var _ = open.fileSystem();
                return false;
            } catch (VfsException e) {
                return e.errno() == Errno.ENOTCONN;
            }
        }
    }

    private MountTable() {}

    /** All mounts; of those at one directory the last one is seen. */
    public static List<Mounted> read() throws IOException {
        return new String(Files.readAllBytes(FILE), StandardCharsets.ISO_8859_1)
                .lines()
                .map(MountTable::parse)
                .toList();
    }

    /** What is mounted right at a directory, an absolute path without symbolic links. */
    public static Optional<Mounted> at(byte[] directory) throws IOException {
        String wanted = new String(directory, StandardCharsets.ISO_8859_1);
        return read().stream()
                .filter(mounted -> mounted.directory.equals(wanted))
                .reduce((_, last) -> last);
    }

    /** What is mounted at a directory or above it: what a path is on. */
    public static Optional<Mounted> above(byte[] path) throws IOException {
        String wanted = new String(path, StandardCharsets.ISO_8859_1);
        Mounted nearest = null;
        for (Mounted mounted : read()) {
            if (isWithin(wanted, mounted.directory)
                    && (nearest == null || mounted.directory.length() >= nearest.directory.length())) {
                nearest = mounted;
            }
        }
        return Optional.ofNullable(nearest);
    }

    private static boolean isWithin(String path, String directory) {
        return directory.equals("/") || path.equals(directory) || path.startsWith(directory + "/");
    }

    /** {@code 36 35 0:42 / /mnt rw,nosuid - fuse.samepage /the/volume rw,user_id=0}, with any number of fields before the dash. */
    private static Mounted parse(String line) {
        List<String> fields = Arrays.asList(line.split(" ", -1));
        int dash = fields.indexOf("-");
        return new Mounted(
                fields.get(2), unescape(fields.get(4)), fields.get(dash + 1), unescape(fields.get(dash + 2)));
    }

    /** Spaces, tabs, line ends and backslashes stand as a backslash and three octal digits. */
    private static String unescape(String text) {
        var plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && i + 3 < text.length()) {
                plain.append((char) Integer.parseInt(text, i + 1, i + 4, 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
