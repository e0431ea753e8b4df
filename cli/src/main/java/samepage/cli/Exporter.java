package samepage.cli;

import static samepage.cli.TargetFailure.made;
import static samepage.cli.TargetFailure.write;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;
import samepage.volume.DirectoryEntry;
import samepage.volume.InodeRecord;

/**
 * Copies trees of a volume to the host, as {@code cp -a} does. A failure of one file leaves it out; only a full disk ends the export.
 */
final class Exporter implements AutoCloseable {
    private static final int PERMISSIONS_MEANWHILE = 0700;

    private final OpenVolume volume;
    private final Progress progress;
    private final LeftOut leftOut;
    private final ExportCounts counts;
    private final boolean replaces;
    private final FileExport fileExport;
    private final ExportedAttributes attributes;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();
    /** Where each file with several names has its first. */
    private final Map<Long, FirstName> firstNames = new HashMap<>();

    Exporter(OpenVolume volume, Progress progress, LeftOut leftOut, ExportCounts counts, boolean replaces) {
        this.volume = volume;
        this.progress = progress;
        this.leftOut = leftOut;
        this.counts = counts;
        this.replaces = replaces;
        this.attributes = new ExportedAttributes(volume, leftOut);
        this.fileExport = new FileExport(volume, progress);
    }

    /** A directory that is being copied. {@code place} is null for the target itself. */
    private record Level(
            HostDirectory target, @Nullable Place place, InodeRecord inode, Iterator<DirectoryEntry> entries) {
        void close() {
            target.close();
        }
    }

    /** A directory below the target, by the names on the way. */
    // A record compares arrays by identity; nothing compares these.
    @SuppressWarnings("ArrayRecordComponent")
    private record Place(@Nullable Place parent, byte[] name) {}

    /** A name in a directory below the target. */
    @SuppressWarnings("ArrayRecordComponent")
    private record FirstName(@Nullable Place directory, byte[] name) {}

    /** Copies what {@code path} leads to: a directory's content into {@code target}, a file to it or into it. */
    void copy(byte[] path, byte[] target) throws IOException {
        var inode = volume.find(path);
        try {
            if (inode.isDirectory()) {
                enter(openTarget(target), null, inode);
                copyLevels();
            } else {
                copyOne(inode, path, target);
            }
        } finally {
            levels.forEach(Level::close);
            levels.clear();
        }
    }

    private static HostDirectory openTarget(byte[] target) throws VfsException {
        var printable = PrintableName.of(target);
        try {
            return HostDirectory.open(target);
        } catch (VfsException missing) {
            var name = HostPath.name(target);
            if (missing.errno() != Errno.ENOENT || name == null) {
                throw new Refusal(printable, FailureText.why(missing));
            }
            try (var parent = HostDirectory.open(HostPath.parent(target))) {
                parent.makeDirectory(name, PERMISSIONS_MEANWHILE);
                return parent.openDirectory(name);
            } catch (VfsException e) {
                throw new Refusal(printable, FailureText.why(e));
            }
        }
    }

    private void copyOne(InodeRecord inode, byte[] path, byte[] target) throws IOException {
        var isInto = isDirectory(target);
        var name = HostPath.name(isInto ? path : target);
        if (name == null) {
            throw new Refusal(PrintableName.of(target), "is no name for a file");
        }
        try (var directory = openExisting(isInto ? target : HostPath.parent(target))) {
            copyEntry(directory, null, name, inode);
        }
    }

    private static boolean isDirectory(byte[] path) {
        try {
            return HostDirectory.statPath(path, true).isDirectory();
        } catch (VfsException e) {
            return false;
        }
    }

    private static HostDirectory openExisting(byte[] path) {
        try {
            return HostDirectory.open(path);
        } catch (VfsException e) {
            throw new Refusal(PrintableName.of(path), FailureText.why(e));
        }
    }

    private void copyLevels() throws IOException {
        while (!levels.isEmpty()) {
            Interruption.check();
            var level = levels.peek();
            if (level.entries.hasNext()) {
                var entry = level.entries.next();
                copyEntry(level.target, level.place, entry.name(), VolumeEntry.attributes(volume, entry));
            } else {
                finish(level);
                levels.pop().close();
            }
        }
    }

    /** Last of all: what was created inside has moved the directory's time, and its mode may forbid creating. */
    private void finish(Level level) throws IOException {
        try {
            attributes.set(level.target, level.inode);
        } catch (TargetFailure e) {
            leftOut.add(level.target.path(), e.failure());
        }
    }

    private void copyEntry(HostDirectory target, @Nullable Place place, byte[] name, InodeRecord inode)
            throws IOException {
        try {
            if (inode.isDirectory()) {
                copyDirectory(target, place, name, inode);
                return;
            }
            if (!makeRoom(target, name, inode)) {
                return;
            }
            if (inode.linkCount() > 1 && linkKnown(target, name, inode)) {
                counts.hardLinks++;
                return;
            }
            create(target, name, inode);
            if (inode.linkCount() > 1) {
                firstNames.put(inode.ino(), new FirstName(place, name));
            }
        } catch (TargetFailure e) {
            leftOut.add(HostPath.join(target.path(), name), e.failure());
        } catch (VfsException e) {
            leftOut.add(HostPath.join(target.path(), name), "the volume: " + FailureText.whole(e));
        }
    }

    private void create(HostDirectory target, byte[] name, InodeRecord inode) throws IOException {
        switch (inode.type()) {
            case REGULAR -> {
                fileExport.copy(target, name, inode, attributes);
                counts.files++;
                counts.logicalBytes += inode.sizeBytes();
                progress.addFile();
            }
            case SYMBOLIC_LINK -> {
                var link = volume.vfs().readlink(inode.ino());
                write(() -> target.makeSymbolicLink(name, link));
                attributes.set(target, name, inode);
                counts.symbolicLinks++;
            }
            default -> {
                var major = DeviceNumber.major(inode.deviceNumber());
                var minor = DeviceNumber.minor(inode.deviceNumber());
                var type = HostFileType.ofMode(inode.mode());
                write(() -> target.makeNode(name, type, PERMISSIONS_MEANWHILE, major, minor));
                attributes.set(target, name, inode);
                counts.specialFiles++;
            }
        }
    }

    private void copyDirectory(HostDirectory parent, @Nullable Place place, byte[] name, InodeRecord inode)
            throws IOException {
        if (statOrNull(parent, name) == null) {
            write(() -> parent.makeDirectory(name, PERMISSIONS_MEANWHILE));
        }
        enter(made(() -> parent.openDirectory(name)), new Place(place, name), inode);
    }

    /** Makes {@code target} the directory that is copied into next; from here on it is closed with its level. */
    private void enter(HostDirectory target, @Nullable Place place, InodeRecord inode) throws IOException {
        try {
            var names = VolumeEntry.names(volume, inode.ino());
            levels.push(new Level(target, place, inode, names.iterator()));
            counts.directories++;
        } catch (Throwable e) {
            target.close();
            throw e;
        }
    }

    /** Whether the name is free now: what has it gives way only by {@code --force}, and a directory never. */
    private boolean makeRoom(HostDirectory target, byte[] name, InodeRecord inode) throws IOException {
        var existing = statOrNull(target, name);
        if (existing == null) {
            return true;
        }
        var path = HostPath.join(target.path(), name);
        if (existing.isDirectory()) {
            leftOut.add(path, "is a directory, and in the volume a " + ModeText.type(inode.type()));
            return false;
        }
        if (!replaces) {
            leftOut.add(path, "exists already; --force replaces it");
            return false;
        }
        write(() -> target.unlink(name));
        return true;
    }

    private static @Nullable HostStat statOrNull(HostDirectory directory, byte[] name) throws IOException {
        try {
            return directory.stat(name);
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw TargetFailure.of(e);
        }
    }

    /** Where the file has been exported by another of its names, gives it this one, too. */
    private boolean linkKnown(HostDirectory target, byte[] name, InodeRecord inode) throws IOException {
        var first = firstNames.get(inode.ino());
        if (first == null) {
            return false;
        }
        var opened = new ArrayDeque<HostDirectory>();
        try {
            var directory = open(first.directory, opened);
            write(() -> directory.link(first.name, target, name));
        } finally {
            opened.forEach(HostDirectory::close);
        }
        return true;
    }

    /** Opens a directory by the names on the way to it, and remembers what was opened for it. */
    private HostDirectory open(@Nullable Place place, ArrayDeque<HostDirectory> opened) throws IOException {
        for (var level : levels) {
            if (Objects.equals(level.place, place)) {
                return level.target;
            }
        }
        if (place == null) {
            throw new IllegalStateException("the target is open all the time");
        }
        var parent = open(place.parent, opened);
        var directory = made(() -> parent.openDirectory(place.name));
        opened.push(directory);
        return directory;
    }

    @Override
    public void close() {
        fileExport.close();
    }
}
