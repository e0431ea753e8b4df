package samepage.cli;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostStat;
import samepage.volume.InodeRecord;

/**
 * Which inode of the volume each source file with several names has become. A file is forgotten when as many names of it have come by as
 * it has.
 */
final class HardLinks {
    static final long UNKNOWN = 0;

    private final Map<HostFileId, Imported> imported = new HashMap<>();
    /** Inodes that stand for one of the files with several names: no other file may become one of them. */
    private final Set<Long> taken = new HashSet<>();

    private record Imported(long ino, int namesLeft) {}

    /** The inode that a file has become, {@link #UNKNOWN} where this is its first name; counts the name. */
    long find(HostStat stat) {
        if (stat.linkCount() <= 1) {
            return UNKNOWN;
        }
        var found = imported.get(stat.id());
        if (found == null) {
            return UNKNOWN;
        }
        if (found.namesLeft <= 1) {
            imported.remove(stat.id());
        } else {
            imported.put(stat.id(), new Imported(found.ino, found.namesLeft - 1));
        }
        return found.ino;
    }

    /** The file's first name has become {@code ino}. */
    void remember(HostStat stat, long ino) {
        if (stat.linkCount() > 1) {
            imported.put(stat.id(), new Imported(ino, stat.linkCount() - 1));
            taken.add(ino);
        }
    }

    /** Whether an inode of the volume, with its names, can stand for this file under its first name. */
    boolean mayBe(HostStat stat, InodeRecord existing) {
        return (stat.linkCount() > 1 || existing.linkCount() == 1) && !taken.contains(existing.ino());
    }
}
