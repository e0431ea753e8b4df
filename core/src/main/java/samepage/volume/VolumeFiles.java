package samepage.volume;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A volume's files on its host.
 *
 * <pre>
 *   DIRECTORY/superblock    what it is; comes last when it is created
 *   DIRECTORY/data          the blocks: one sparse file, or a link to a raw device
 *   DIRECTORY/metadata/     the metadata store
 *   DIRECTORY/lock          locked while a process has the volume open
 *   DIRECTORY/incomplete    there only while the volume is being created
 * </pre>
 */
record VolumeFiles(Path directory) {
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

    private Path incomplete() {
        return directory.resolve("incomplete");
    }

    boolean hasSuperblock() {
        return Files.exists(superblock());
    }

    /** Makes the directory ready to be filled; what an interrupted creation has left is removed. */
    void beginCreation() throws IOException {
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(directory)) {
                throw new VfsException(Errno.ENOTDIR, "a file is in the volume's place: " + directory);
            }
            if (hasSuperblock()) {
                throw new VfsException(Errno.EEXIST, "a volume is there already: " + directory);
            }
            if (Files.exists(incomplete())) {
                removeContent();
            } else if (!isEmpty()) {
                throw new VfsException(Errno.ENOTEMPTY, "the directory is neither a volume nor empty: " + directory);
            }
        } else {
            try {
                Files.createDirectory(directory);
            } catch (NoSuchFileException e) {
                throw new VfsException(
                        Errno.ENOENT,
                        "no directory to create the volume in: "
                                + directory.toAbsolutePath().getParent());
            }
        }
        Files.createFile(incomplete());
        Files.createFile(lock());
        Files.createDirectory(metadata());
    }

    /** Writes the superblock, which makes the directory a volume. */
    void endCreation(Superblock superblock) throws IOException {
        Path fresh = directory.resolve("superblock.new");
        Files.write(
                fresh,
                superblock.encode(),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.SYNC);
        Files.move(fresh, superblock(), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(incomplete());
        try (FileChannel self = FileChannel.open(directory, StandardOpenOption.READ)) {
            self.force(true);
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
        return Superblock.decode(Files.readAllBytes(superblock()), directory.toString());
    }

    private boolean isEmpty() throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private void removeContent() throws IOException {
        try (var entries = Files.walk(directory)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                if (!entry.equals(directory)) {
                    Files.delete(entry);
                }
            }
        }
    }
}
