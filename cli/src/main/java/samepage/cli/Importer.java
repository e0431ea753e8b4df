package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;
import static samepage.cli.SourceFailure.reading;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostEntry;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;
import samepage.vfs.Vfs;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/**
 * Copies trees of the host into a volume, as {@code cp -a} does. What the volume has already, by size and modification time, is not
 * read again, so that an import that was interrupted is completed by running it again.
 *
 * <p>A failure of a source leaves that one out; a failure of the volume ends the import.
 */
/*
 * Why size and time suffice after a crash: the volume never records a size beyond what has been written back, and the modification
 * time is set last. A file that was not finished differs in one of the two.
 */
final class Importer implements AutoCloseable {
    private final Vfs vfs;
    private final OpenVolume volume;
    private final HostFileId volumeId;
    private final Progress progress;
    private final LeftOut leftOut;
    private final ImportedFiles importedFiles;
    private final ImportCounts counts = new ImportCounts();
    private final HardLinks hardLinks = new HardLinks();
    private final ImportedAttributes attributes;
    private final FileImport fileImport;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();

    Importer(OpenVolume volume, Progress progress, LeftOut leftOut, ImportedFiles importedFiles) throws IOException {
        this.volume = volume;
        this.vfs = volume.vfs();
        this.volumeId = volume.hostId();
        this.progress = progress;
        this.leftOut = leftOut;
        this.importedFiles = importedFiles;
        this.attributes = new ImportedAttributes(vfs, leftOut);
        this.fileImport = new FileImport(vfs, attributes, progress, leftOut, counts);
    }

    ImportCounts counts() {
        return counts;
    }

    /** Copies the sources into a directory of the volume, which is made where it is missing. */
    void copy(List<ImportSource> sources, byte[] targetPath) throws IOException {
        var target = volume.findOrMakeDirectories(targetPath);
        for (var source : sources) {
            copy(source, target);
        }
    }

    /** Copies one source into a directory of the volume, under its name, or where it has none its content. */
    private void copy(ImportSource source, long directory) throws IOException {
        try {
            if (source.name() == null) {
                try (var content = reading(() -> HostDirectory.open(source.path()))) {
                    enter(content, reading(content::stat), directory);
                    copyLevels();
                }
            } else {
                try (var parent = reading(source::openParent)) {
                    copyEntry(parent, source.name(), source.stat().type(), directory);
                    copyLevels();
                }
            }
        } catch (SourceFailure e) {
            leftOut.add(source.path(), e.failure());
        } finally {
            levels.forEach(Level::close);
            levels.clear();
        }
    }

    /** A directory that is being copied. */
    private record Level(HostDirectory source, HostStat stat, Iterator<HostEntry> entries, long target) {
        void close() {
            source.close();
        }
    }

    private void copyLevels() throws IOException {
        while (!levels.isEmpty()) {
            Interruption.check();
            var level = levels.peek();
            if (level.entries.hasNext()) {
                var entry = level.entries.next();
                copyEntry(level.source, entry.name(), entry.type(), level.target);
            } else {
                // Last of all: what was created inside has moved the directory's time.
                attributes.set(level.source, level.stat, level.target);
                levels.pop().close();
            }
        }
    }

    private void copyEntry(HostDirectory source, byte[] name, HostFileType type, long directory) throws IOException {
        try {
            switch (type) {
                case DIRECTORY -> copyDirectory(source, name, directory);
                case REGULAR -> copyFile(source, name, directory);
                case SYMBOLIC_LINK -> copySymbolicLink(source, name, directory);
                case FIFO, CHARACTER_DEVICE, BLOCK_DEVICE -> copySpecialFile(source, name, directory);
                case SOCKET -> leftOut.add(pathOf(source, name), "is a socket");
                case UNKNOWN -> {
                    var found = reading(() -> source.stat(name)).type();
                    if (found == HostFileType.UNKNOWN) {
                        leftOut.add(pathOf(source, name), "is of an unknown type");
                    } else {
                        copyEntry(source, name, found, directory);
                    }
                }
            }
        } catch (SourceFailure e) {
            leftOut.add(pathOf(source, name), e.failure());
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOSPC && importedFiles.makeRoom()) {
                copyEntry(source, name, type, directory);
            } else if (endsImport(e.errno())) {
                throw e;
            } else {
                leftOut.add(pathOf(source, name), "the volume refuses it: " + FailureText.whole(e));
            }
        }
    }

    private static boolean endsImport(Errno errno) {
        return switch (errno) {
            case ENOSPC, EDQUOT, EIO, EROFS, EUCLEAN -> true;
            default -> false;
        };
    }

    private static byte[] pathOf(HostDirectory source, byte[] name) {
        return HostPath.join(source.path(), name);
    }

    // Directories

    private void copyDirectory(HostDirectory parent, byte[] name, long directory) throws IOException {
        var source = reading(() -> parent.openDirectory(name));
        try {
            var stat = reading(source::stat);
            if (stat.id().equals(volumeId)) {
                leftOut.add(source.path(), "is the volume that is imported into");
                source.close();
                return;
            }
            var existing = volume.findEntry(directory, name);
            if (existing != null && !existing.isDirectory()) {
                leftOut.add(source.path(), "in the volume, its name is that of a file");
                source.close();
                return;
            }
            var target = existing != null
                    ? existing.ino()
                    : vfs.mkdir(PRIVILEGED, directory, name, stat.permissions()).ino();
            enter(source, stat, target);
        } catch (Throwable e) {
            source.close();
            throw e;
        }
    }

    /** Makes {@code source} the directory that is copied next; from here on it is closed with its level. */
    private void enter(HostDirectory source, HostStat stat, long target) throws IOException {
        var entries = reading(source::remainingEntries);
        // Mostly the order in which they lie on the disk.
        entries.sort(Comparator.comparingLong(HostEntry::inode));
        levels.push(new Level(source, stat, entries.iterator(), target));
        counts.directories++;
    }

    // Everything else

    private void copyFile(HostDirectory source, byte[] name, long directory) throws IOException {
        try (var file = reading(() -> source.openToRead(name))) {
            var stat = reading(file::stat);
            if (!stat.isRegular()) {
                leftOut.add(file.path(), "changed its type during the import");
                return;
            }
            var existing = volume.findEntry(directory, name);
            if (existing != null && existing.isDirectory()) {
                leftOut.add(file.path(), "in the volume, its name is that of a directory");
                return;
            }
            if (linkKnown(stat, existing, directory, name)) {
                return;
            }
            long ino;
            if (existing != null && isUnchanged(existing, stat)) {
                ino = existing.ino();
                attributes.update(file, stat, existing);
                counts.unchangedFiles++;
                counts.logicalBytes += stat.sizeBytes();
                progress.addBytes(stat.sizeBytes());
            } else {
                ino = fileImport.copy(file, stat, directory, name, existing != null);
                importedFiles.imported(ino, stat.sizeBytes());
            }
            counts.files++;
            progress.addFile();
            hardLinks.remember(stat, ino);
        }
    }

    private boolean isUnchanged(InodeRecord existing, HostStat stat) {
        return existing.isRegular()
                && existing.sizeBytes() == stat.sizeBytes()
                && existing.modifyTime().equals(Moments.ofHost(stat.modified()))
                && hardLinks.mayBe(stat, existing);
    }

    private void copySymbolicLink(HostDirectory source, byte[] name, long directory) throws IOException {
        var stat = reading(() -> source.stat(name));
        var linkTarget = reading(() -> source.readLink(name));
        var existing = replaceable(source, name, directory);
        if (linkKnown(stat, existing, directory, name)) {
            return;
        }
        var isSame = existing != null
                && existing.type() == FileType.SYMBOLIC_LINK
                && hardLinks.mayBe(stat, existing)
                && Arrays.equals(vfs.readlink(existing.ino()), linkTarget);
        long ino;
        if (existing != null && isSame) {
            ino = existing.ino();
        } else {
            unlink(existing, directory, name);
            ino = vfs.symlink(PRIVILEGED, directory, name, linkTarget).ino();
        }
        attributes.set(source, name, stat, ino);
        counts.symbolicLinks++;
        hardLinks.remember(stat, ino);
    }

    private void copySpecialFile(HostDirectory source, byte[] name, long directory) throws IOException {
        var stat = reading(() -> source.stat(name));
        var existing = replaceable(source, name, directory);
        if (linkKnown(stat, existing, directory, name)) {
            return;
        }
        var device = DeviceNumber.of(stat.specialMajor(), stat.specialMinor());
        var isSame = existing != null
                && existing.type() == FileType.ofMode(stat.mode())
                && existing.deviceNumber() == device
                && hardLinks.mayBe(stat, existing);
        long ino;
        if (existing != null && isSame) {
            ino = existing.ino();
        } else {
            unlink(existing, directory, name);
            ino = vfs.makeNode(PRIVILEGED, directory, name, stat.mode(), device).ino();
        }
        attributes.set(source, name, stat, ino);
        counts.specialFiles++;
        hardLinks.remember(stat, ino);
    }

    /** What has the name now; a directory does not give way. */
    private @Nullable InodeRecord replaceable(HostDirectory source, byte[] name, long directory) throws IOException {
        var existing = volume.findEntry(directory, name);
        if (existing != null && existing.isDirectory()) {
            throw new VfsException(Errno.EISDIR, "its name is that of a directory").with("path", pathOf(source, name));
        }
        return existing;
    }

    private void unlink(@Nullable InodeRecord existing, long directory, byte[] name) throws IOException {
        if (existing != null) {
            vfs.unlink(PRIVILEGED, directory, name);
        }
    }

    /** Where the file has been imported by another of its names, gives it this one, too. */
    private boolean linkKnown(HostStat stat, @Nullable InodeRecord existing, long directory, byte[] name)
            throws IOException {
        var known = hardLinks.find(stat);
        if (known == HardLinks.UNKNOWN) {
            return false;
        }
        if (existing == null || existing.ino() != known) {
            unlink(existing, directory, name);
            vfs.link(PRIVILEGED, known, directory, name);
        }
        counts.hardLinks++;
        return true;
    }

    @Override
    public void close() {
        fileImport.close();
    }

    /** Refuses a source that lies inside the volume. */
    void checkNotFromVolume(List<ImportSource> sources) {
        for (var source : sources) {
            if (source.stat().id().equals(volumeId)) {
                throw new Refusal(PrintableName.of(source.path()), "is the volume that is to be imported into");
            }
        }
    }
}
