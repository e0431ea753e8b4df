package samepage.cli;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import samepage.dedupe.InodeSet;
import samepage.linux.syscall.HostPath;
import samepage.volume.DirectoryEntry;
import samepage.volume.FileType;
import samepage.volume.Volume;

/**
 * Which files of a volume are meant, by their paths from its root.
 *
 * @param including only what fits one of them; all where there is none
 * @param excluding nothing that fits one of them
 */
record PathFilter(List<PathPattern> including, List<PathPattern> excluding) {
    static final PathFilter ALL = new PathFilter(List.of(), List.of());

    private static final int ENTRIES_AT_ONCE = 1024;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Directory(long ino, byte[] path) {}

    static PathFilter of(List<String> including, List<String> excluding) {
        return new PathFilter(
                including.stream().map(PathPattern::of).toList(),
                excluding.stream().map(PathPattern::of).toList());
    }

    boolean isForAll() {
        return including.isEmpty() && excluding.isEmpty();
    }

    /** The files meant, as the tree is now: those that one of their names is meant of. */
    InodeSet filesOf(Volume volume) throws IOException {
        var files = new InodeSet();
        var toVisit = new ArrayDeque<Directory>();
        toVisit.add(new Directory(Volume.ROOT, new byte[0]));
        while (!toVisit.isEmpty()) {
            var directory = toVisit.removeLast();
            long cookie = 0;
            var entries = volume.metadata().entries(directory.ino, cookie, ENTRIES_AT_ONCE);
            while (!entries.isEmpty()) {
                for (var entry : entries) {
                    look(directory, entry, files, toVisit);
                }
                cookie = entries.getLast().cookie();
                entries = volume.metadata().entries(directory.ino, cookie, ENTRIES_AT_ONCE);
            }
        }
        return files;
    }

    private void look(Directory directory, DirectoryEntry entry, InodeSet files, ArrayDeque<Directory> toVisit) {
        var path = directory.path.length == 0 ? entry.name() : HostPath.join(directory.path, entry.name());
        if (entry.type() == FileType.DIRECTORY) {
            if (excluding.stream().noneMatch(pattern -> pattern.fitsDirectory(path))) {
                toVisit.add(new Directory(entry.ino(), path));
            }
        } else if (entry.type() == FileType.REGULAR
                && (including.isEmpty() || including.stream().anyMatch(pattern -> pattern.fitsFile(path)))
                && excluding.stream().noneMatch(pattern -> pattern.fitsFile(path))) {
            files.add(entry.ino());
        }
    }
}
