package samepage.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.DirectoryEntry;
import samepage.volume.InodeRecord;

/** A name in a directory of a volume, and what it stands for. */
// A record compares arrays by identity; nothing compares these.
@SuppressWarnings("ArrayRecordComponent")
record VolumeEntry(byte[] name, InodeRecord inode) {
    private static final int BATCH = 1024;

    /** All names in a directory, in no particular order, {@code .} and {@code ..} left out. */
    static List<DirectoryEntry> names(OpenVolume volume, long directory) throws IOException {
        var all = new ArrayList<DirectoryEntry>();
        while (true) {
            var after = all.isEmpty() ? 0 : all.getLast().cookie();
            var entries = volume.vfs().readDirectory(OpenVolume.PRIVILEGED, directory, after, BATCH);
            all.addAll(entries);
            if (entries.size() < BATCH) {
                return all;
            }
        }
    }

    /** The entries of a directory in the order of their bytes. */
    static List<VolumeEntry> sorted(OpenVolume volume, long directory, boolean withHidden) throws IOException {
        var names = names(volume, directory);
        names.sort(Comparator.comparing(DirectoryEntry::name, Arrays::compareUnsigned));
        var entries = new ArrayList<VolumeEntry>();
        for (var entry : names) {
            if (withHidden || entry.name()[0] != '.') {
                entries.add(new VolumeEntry(entry.name(), attributes(volume, entry)));
            }
        }
        return entries;
    }

    /** What an entry stands for. */
    static InodeRecord attributes(OpenVolume volume, DirectoryEntry entry) throws IOException {
        try {
            return volume.vfs().getAttributes(entry.ino());
        } catch (VfsException e) {
            if (e.errno() != Errno.ESTALE) {
                throw e;
            }
            throw new VfsException(Errno.EUCLEAN, "a name stands for no inode; 'samepage check' tells more")
                    .with("name", entry.name())
                    .with("inode", entry.ino());
        }
    }
}
