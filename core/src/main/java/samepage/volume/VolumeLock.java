package samepage.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * Keeps a volume to one writing process, or to readers. The host's file lock decides, which ends with its process however
 * that ends; the file's text only tells who it is.
 */
final class VolumeLock implements AutoCloseable {
    /** Volumes that this process has open: closing any channel of a file would drop the host's lock on it. */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private static final int HOLDER_BYTES = 512;
    private static final Pattern HOLDER = Pattern.compile("process (\\d+) .*");

    private final Path file;
    private final FileChannel channel;

    private VolumeLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock, shared where {@code readOnly}.
     *
     * @throws VfsException EBUSY where another holds it; names the holder
     */
    static VolumeLock take(Path file, boolean readOnly) throws IOException {
        Path key = key(file);
        if (!OPEN_HERE.add(key)) {
            throw openHere(file);
        }
        try {
            return new VolumeLock(key, lock(file, readOnly));
        } catch (Throwable e) {
            OPEN_HERE.remove(key);
            throw e;
        }
    }

    /** See {@link Volume#lastWriter}. */
    static OptionalLong lastWriter(Path file) throws IOException {
        if (OPEN_HERE.contains(key(file))) {
            return OptionalLong.of(ProcessHandle.current().pid());
        }
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var writer = HOLDER.matcher(holder(channel));
            return writer.matches() ? OptionalLong.of(Long.parseLong(writer.group(1))) : OptionalLong.empty();
        }
    }

    private static Path key(Path file) throws IOException {
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        return directory.toRealPath().resolve(file.getFileName());
    }

    private static VfsException openHere(Path file) {
        return new VfsException(Errno.EBUSY, "the volume is open already in this process: " + file.getParent());
    }

    private static FileChannel lock(Path file, boolean readOnly) throws IOException {
        FileChannel channel;
        try {
            channel = readOnly
                    ? FileChannel.open(file, StandardOpenOption.READ)
                    : FileChannel.open(
                            file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        } catch (AccessDeniedException e) {
            throw new VfsException(Errno.EACCES, "no permission to open the volume's lock file: " + file);
        } catch (NoSuchFileException e) {
            throw new VfsException(Errno.EACCES, "cannot open the volume's lock file: " + file);
        }
        try {
            FileLock held = channel.tryLock(0, Long.MAX_VALUE, readOnly);
            if (held == null) {
                throw busy(file, channel, readOnly);
            }
            if (!readOnly) {
                writeHolder(channel);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw openHere(file);
        } catch (Throwable e) {
            channel.close();
            throw e;
        }
    }

    /** The file's text is the last writer's: it tells the holder only where readers are kept out too. */
    private static VfsException busy(Path file, FileChannel channel, boolean readOnly) throws IOException {
        boolean heldByWriter = readOnly;
        if (!heldByWriter) {
            try (FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
                heldByWriter = shared == null;
            }
        }
        return new VfsException(
                Errno.EBUSY,
                "the volume is in use " + (heldByWriter ? "by " + holder(channel) : "for reading") + ": "
                        + file.getParent() + "; wait for it or end it");
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(HOLDER_BYTES);
        channel.read(text, 0);
        String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
        return holder.isEmpty() ? "another process" : holder;
    }

    private static void writeHolder(FileChannel channel) throws IOException {
        var process = ProcessHandle.current();
        String command = System.getProperty("samepage.command", "a program");
        String holder = "process " + process.pid() + " (" + command + ") since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS) + "\n";
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            OPEN_HERE.remove(file);
        }
    }
}
