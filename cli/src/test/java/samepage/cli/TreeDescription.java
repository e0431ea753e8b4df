package samepage.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.errno.PrintableName;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;

/** All that can be seen of a tree of the host, one line an entry, so that two trees can be compared: change times left out. */
final class TreeDescription {
    private final Map<String, String> lines = new TreeMap<>();
    private final Map<HostFileId, String> firstNames = new HashMap<>();

    private TreeDescription() {}

    /** The lines by path. */
    static Map<String, String> of(Path root) throws IOException {
        var description = new TreeDescription();
        try (var directory = HostDirectory.open(HostPath.of(root))) {
            description.lines.put(".", status(directory.stat(), false) + xattrs(directory, null));
            description.add(directory, "");
        }
        return description.lines;
    }

    private void add(HostDirectory directory, String above) throws IOException {
        var entries = directory.remainingEntries();
        entries.sort((a, b) -> Arrays.compareUnsigned(a.name(), b.name()));
        for (var entry : entries) {
            var name = entry.name();
            var path = above + "/" + PrintableName.of(name);
            var stat = directory.stat(name);
            var line = status(stat, true) + xattrs(directory, name);
            if (!stat.isDirectory() && stat.linkCount() > 1) {
                line += " same as " + firstNames.computeIfAbsent(stat.id(), _ -> path);
            }
            if (stat.isSymbolicLink()) {
                line += " -> " + PrintableName.of(directory.readLink(name));
            } else if (stat.isRegular()) {
                try (var file = directory.openToRead(name)) {
                    line += content(file, stat.sizeBytes());
                }
            }
            lines.put(path, line);
            if (stat.type() == HostFileType.DIRECTORY) {
                try (var below = directory.openDirectory(name)) {
                    add(below, path);
                }
            }
        }
    }

    private static String status(HostStat stat, boolean withTimes) {
        var links = stat.isDirectory() ? 0 : stat.linkCount();
        var size = stat.isDirectory() ? 0 : stat.sizeBytes();
        return "%s %o %d:%d links=%d device=%d,%d size=%d"
                        .formatted(
                                stat.type(),
                                stat.permissions(),
                                stat.userId(),
                                stat.groupId(),
                                links,
                                stat.specialMajor(),
                                stat.specialMinor(),
                                size)
                + (withTimes ? " " + stat.modified() : "");
    }

    private static String xattrs(HostDirectory directory, byte @Nullable [] name) throws IOException {
        var attributes = new TreeMap<String, String>();
        for (var attribute : name == null ? directory.xattrNames() : directory.xattrNames(name)) {
            var value = name == null ? directory.xattr(attribute) : directory.xattr(name, attribute);
            attributes.put(PrintableName.of(attribute), value == null ? "" : PrintableName.of(value));
        }
        return " " + attributes;
    }

    private static String content(HostFile file, long sizeBytes) throws IOException {
        var holes = new StringBuilder();
        for (var position = file.seekData(0); position != HostFile.NOWHERE && position < sizeBytes; ) {
            var end = file.seekHole(position);
            holes.append(' ').append(position).append('-').append(end);
            position = file.seekData(end);
        }
        try (var arena = Arena.ofConfined()) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = arena.allocate(1 << 20);
            var position = 0L;
            for (var bytes = file.read(buffer, position); bytes > 0; bytes = file.read(buffer, position)) {
                digest.update(buffer.asSlice(0, bytes).asByteBuffer());
                position += bytes;
            }
            return " data" + holes + " " + HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
