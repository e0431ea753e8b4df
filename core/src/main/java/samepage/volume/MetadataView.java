package samepage.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The volume's records as they are now, what is not yet committed included. Each answer is true at one moment; that it
 * stays true is for the inode locks to see to.
 */
public final class MetadataView {
    private final TransactionLog log;

    MetadataView(TransactionLog log) {
        this.log = log;
    }

    /** The inode, or null where there is none of that number. */
    public @Nullable InodeRecord inode(long ino) throws IOException {
        byte[] value = log.get(RecordKey.of(RecordKey.INODE, ino));
        return value == null ? null : InodeFormat.decode(ino, value);
    }

    /** The entry of that name, or null. */
    public @Nullable DirectoryEntry entry(long directory, byte[] name) throws IOException {
        byte[] key = EntryFormat.key(directory, name);
        byte[] value = log.get(key);
        return value == null ? null : EntryFormat.decode(key, value);
    }

    /**
     * Entries with a cookie above {@code afterCookie}, in the order of their cookies: {@code atLeast} of them or all there
     * are. Entries that share a cookie are never divided.
     */
    public List<DirectoryEntry> entries(long directory, long afterCookie, int atLeast) throws IOException {
        var entries = new ArrayList<DirectoryEntry>();
        byte[] from = RecordKey.of(RecordKey.ENTRY, directory, afterCookie + 1);
        try (var cursor = log.scan(from, RecordKey.of(RecordKey.ENTRY, directory + 1))) {
            while (cursor.next()) {
                DirectoryEntry entry = EntryFormat.decode(cursor.key(), cursor.value());
                if (entries.size() >= atLeast
                        && entry.cookie() != entries.getLast().cookie()) {
                    break;
                }
                entries.add(entry);
            }
        }
        return entries;
    }

    /** True where the directory has no entry. */
    public boolean isEmptyDirectory(long directory) throws IOException {
        return entries(directory, 0, 1).isEmpty();
    }

    /** A symbolic link's target, or null where there is none. */
    public byte @Nullable [] symlinkTarget(long ino) throws IOException {
        return log.get(RecordKey.of(RecordKey.SYMLINK, ino));
    }

    /** An extended attribute's value, or null. */
    public byte @Nullable [] xattr(long ino, byte[] name) throws IOException {
        return log.get(RecordKey.of(RecordKey.XATTR, ino, name));
    }

    /** The names of the inode's extended attributes. */
    public List<byte[]> xattrNames(long ino) throws IOException {
        var names = new ArrayList<byte[]>();
        try (var cursor = log.scan(RecordKey.of(RecordKey.XATTR, ino), RecordKey.of(RecordKey.XATTR, ino + 1))) {
            while (cursor.next()) {
                names.add(RecordKey.nameAfterFirst(cursor.key()));
            }
        }
        return names;
    }

    /** Inodes that have no name left but have not been freed. */
    public List<Long> orphans() throws IOException {
        var inos = new ArrayList<Long>();
        try (var cursor = log.scan(RecordKey.of(RecordKey.ORPHAN), RecordKey.of((byte) (RecordKey.ORPHAN + 1)))) {
            while (cursor.next()) {
                inos.add(RecordKey.first(cursor.key()));
            }
        }
        return inos;
    }

    /** At most {@code limit} inodes with numbers from {@code fromIno} on, in order. */
    public List<InodeRecord> inodes(long fromIno, int limit) throws IOException {
        var inodes = new ArrayList<InodeRecord>();
        try (var cursor =
                log.scan(RecordKey.of(RecordKey.INODE, fromIno), RecordKey.of((byte) (RecordKey.INODE + 1)))) {
            while (inodes.size() < limit && cursor.next()) {
                inodes.add(InodeFormat.decode(RecordKey.first(cursor.key()), cursor.value()));
            }
        }
        return inodes;
    }

    /**
     * All paths of each of the inodes, from the root, without a slash at the beginning; empty where an inode has no name, or
     * none that leads to the root. Walks over all directory entries once: ask for many inodes at a time.
     */
    public Map<Long, List<byte[]>> pathsOf(Set<Long> inos) throws IOException {
        var paths = new HashMap<Long, List<byte[]>>();
        inos.forEach(ino -> paths.put(ino, new ArrayList<>()));
        var directories = new PathsOfDirectories(this);
        try (var cursor = log.scan(RecordKey.of(RecordKey.ENTRY), RecordKey.of((byte) (RecordKey.ENTRY + 1)))) {
            while (cursor.next()) {
                DirectoryEntry entry = EntryFormat.decode(cursor.key(), cursor.value());
                List<byte[]> found = paths.get(entry.ino());
                if (found != null) {
                    byte[] path = directories.below(RecordKey.first(cursor.key()), entry.name());
                    if (path != null) {
                        found.add(path);
                    }
                }
            }
        }
        return paths;
    }

    /** The name of a subdirectory; null where it has none there. */
    byte @Nullable [] nameOf(long directory, long subdirectory) throws IOException {
        try (var cursor =
                log.scan(RecordKey.of(RecordKey.ENTRY, directory), RecordKey.of(RecordKey.ENTRY, directory + 1))) {
            while (cursor.next()) {
                DirectoryEntry entry = EntryFormat.decode(cursor.key(), cursor.value());
                if (entry.ino() == subdirectory) {
                    return entry.name();
                }
            }
        }
        return null;
    }
}
