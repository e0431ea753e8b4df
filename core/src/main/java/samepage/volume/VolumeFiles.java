package samepage.volume;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.block.FileBlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A volume's files on its host.
 *
 * <pre>
 *   DIRECTORY/superblock    what it is; comes last when it is created
 *   DIRECTORY/data          the blocks: one sparse file, or a link to a raw device
 *   DIRECTORY/metadata/     the metadata store
 *   DIRECTORY/commits       how many commits the metadata store has made durable
 *   DIRECTORY/lock          locked while a process has the volume open
 *   DIRECTORY/incomplete    there only while the volume is being created
 * </pre>
 */
record VolumeFiles(Path directory) {
    private static final Set<String> CREATED_FIRST = Set.of("incomplete", "lock", "data", "metadata", "superblock.new");

    /** Files in a volume have permissions of their own, which whoever reads its parts passes by. */
    private static final FileAttribute<?> FOR_ITS_OWNER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    Path superblock() {
        return directory.resolve("superblock");
    }

    Path data() {
        return directory.resolve("data");
    }

    Path metadata() {
        return directory.resolve("metadata");
    }

    Path lock() {
        return directory.resolve("lock");
    }

    Path commits() {
        return directory.resolve("commits");
    }

    private Path incomplete() {
        return directory.resolve("incomplete");
    }

    private Path fresh() {
        return directory.resolve("superblock.new");
    }

    boolean hasSuperblock() {
        return Files.exists(superblock());
    }

    /** Makes the directory where it is missing, and a lock in it; refuses where it cannot become a volume. */
    void prepareCreation() throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            checkCreation();
        } else {
            try {
                Files.createDirectory(directory, FOR_ITS_OWNER);
            } catch (FileAlreadyExistsException e) {
                checkCreation();
            } catch (NoSuchFileException e) {
                throw new VfsException(
                        Errno.ENOENT,
                        "no directory to create the volume in: "
                                + directory.toAbsolutePath().getParent());
            } catch (AccessDeniedException e) {
                throw new VfsException(Errno.EACCES, "no permission to create a volume: " + directory);
            }
        }
        createWhereMissing(incomplete());
        createWhereMissing(lock());
    }

    private void checkCreation() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new VfsException(Errno.ENOTDIR, "a file is in the volume's place: " + directory);
        }
        if (hasSuperblock()) {
            throw new VfsException(Errno.EEXIST, "a volume is there already: " + directory);
        }
        // Only what a creation makes may be removed later; whatever else is here is somebody's.
        boolean interrupted = Files.exists(incomplete());
        try (var entries = Files.list(directory)) {
            if (entries.anyMatch(entry ->
                    !interrupted || !CREATED_FIRST.contains(entry.getFileName().toString()))) {
                throw new VfsException(Errno.ENOTEMPTY, "the directory is neither a volume nor empty: " + directory);
            }
        }
    }

    private static void createWhereMissing(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Left by an interrupted creation, or by one that goes on now: the lock decides.
            return;
        }
    }

    /** Begins with an empty data file and no metadata. The caller holds the lock. */
    void beginCreation() throws IOException {
        checkCreation();
        Files.deleteIfExists(fresh());
        Files.deleteIfExists(data());
        if (Files.exists(metadata())) {
            try (var entries = Files.walk(metadata())) {
                for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(entry);
                }
            }
        }
        FileBlockDevice.createFile(data());
        Files.createDirectory(metadata(), FOR_ITS_OWNER);
    }

    /** Writes the superblock, which makes the directory a volume. */
    void endCreation(Superblock superblock) throws IOException {
        Files.write(
                fresh(),
                superblock.encode(),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        force(directory); // what the superblock vouches for is there before it
        Files.move(fresh(), superblock(), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(incomplete());
        force(directory);
        force(directory.toAbsolutePath().getParent());
    }

    private static void force(@Nullable Path directory) throws IOException {
        if (directory != null) {
            try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
                self.force(true);
            }
        }
    }

    Superblock readSuperblock() throws IOException {
        if (!Files.exists(directory)) {
            throw new VfsException(Errno.ENOENT, "no such volume: " + directory);
        }
        if (!Files.isDirectory(directory)) {
            throw new VfsException(Errno.EINVAL, "not a Samepage volume, but a file: " + directory);
        }
        if (!hasSuperblock()) {
            throw new VfsException(Errno.EINVAL, "not a Samepage volume: " + directory);
        }
        try {
            return Superblock.decode(Files.readAllBytes(superblock()), directory.toString());
        } catch (AccessDeniedException e) {
            throw new VfsException(Errno.EACCES, "no permission to read the volume: " + directory);
        }
    }
}
