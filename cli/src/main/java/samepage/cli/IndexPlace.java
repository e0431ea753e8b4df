package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.OpenFlags;
import samepage.rocksdb.RocksDbMetadataStore;
import samepage.volume.MetadataStore;

/**
 * Where what was found out about a tree is kept from run to run: a directory of its own, which one run at a time uses. It may be
 * removed at any time; the next run then reads the tree anew.
 *
 * <pre>
 *   lock           held by the run that uses it
 *   store/         the index
 *   history.jsonl  a line for each run, for the report
 * </pre>
 */
final class IndexPlace implements AutoCloseable {
    private static final String STORE = "store";
    private static final String HISTORY = "history.jsonl";
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final Path directory;
    private final HostFile lock;

    private IndexPlace(Path directory, HostFile lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * The directory for the index of a tree where none is named: among the user's caches, or where the service's are.
     *
     * @param digest stands for the tree, and for which of its files take part
     */
    static Path usual(long digest) {
        return trees().resolve(HexFormat.of().toHexDigits(digest));
    }

    /** Where all indices are that were not told to be elsewhere. */
    static Path trees() {
        var service = System.getenv("CACHE_DIRECTORY");
        var own = System.getenv("XDG_CACHE_HOME");
        var home = System.getenv("HOME");
        var caches = service != null && !service.isEmpty()
                ? Path.of(service.split(":", 2)[0])
                : own != null && own.startsWith("/")
                        ? Path.of(own, "samepage")
                        : home != null && home.startsWith("/")
                                ? Path.of(home, ".cache", "samepage")
                                : Path.of("/var/cache/samepage");
        return caches.resolve("trees");
    }

    /** Takes the place as soon as no other run has it, and makes it where it is missing. */
    static IndexPlace await(Path directory) throws IOException {
        for (; ; ) {
            var place = tryTake(directory);
            if (place != null) {
                return place;
            }
            Interruption.sleep(BETWEEN_TRIES);
        }
    }

    /** Takes the place, and makes it where it is missing; refuses where another run has it. */
    static IndexPlace take(Path directory) throws IOException {
        var place = tryTake(directory);
        if (place == null) {
            throw new Refusal(
                    PrintableName.of(HostPath.of(directory)),
                    "another run is at work on the same files",
                    "wait for it, or name another index by --index");
        }
        return place;
    }

    private static @Nullable IndexPlace tryTake(Path directory) throws IOException {
        HostFile lock;
        try {
            Files.createDirectories(directory);
            lock = HostFile.open(HostPath.of(directory.resolve("lock")), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0600);
        } catch (IOException e) {
            throw refused(directory, e);
        }
        if (!lock.tryLockExclusive()) {
            lock.close();
            return null;
        }
        return new IndexPlace(directory, lock);
    }

    /** That the index cannot be made or written there. */
    private static Refusal refused(Path directory, IOException why) {
        var place = PrintableName.of(HostPath.of(directory));
        return new Refusal(
                place,
                "the index cannot be kept here: "
                        + switch (why) {
                            case FileAlreadyExistsException _ -> Errno.ENOTDIR.text();
                            case AccessDeniedException _ -> Errno.EACCES.text();
                            case FileSystemException other when other.getReason() != null -> other.getReason();
                            default -> FailureText.why(why);
                        },
                "name another place by --index");
    }

    /** That there is no room for the index. What was shared is shared. */
    Refusal full() {
        return new Refusal(
                PrintableName.of(HostPath.of(directory)),
                "no room for the index: " + Errno.ENOSPC.text(),
                "make room, or name another place by --index; what was shared so far stays shared");
    }

    /** Opens the store; {@code EIO} where it is damaged. */
    MetadataStore openStore(long memoryBytes) throws IOException {
        var options = new RocksDbMetadataStore.Options(false, true, memoryBytes / 2, memoryBytes / 2, true);
        try {
            return RocksDbMetadataStore.open(directory.resolve(STORE), options);
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOSPC) {
                throw full();
            }
            throw e;
        }
    }

    /** Whether a failure to open the store says that it is of no use any more. */
    static boolean isDamage(VfsException failure) {
        return failure.errno() == Errno.EIO;
    }

    /** Removes the store; nobody has it open. */
    void removeStore() throws IOException {
        remove(directory.resolve(STORE));
    }

    /** Removes a directory with all that is in it, where there is one. */
    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Adds a line to the history. */
    void addToHistory(String line) throws IOException {
        var history = directory.resolve(HISTORY);
        try {
            Files.writeString(
                    history, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (FileSystemException e) {
            throw refused(directory, e);
        }
        var lines = history(directory);
        var condensed = RunHistory.condensed(lines);
        if (condensed.size() < lines.size()) {
            var renewed = directory.resolve(HISTORY + ".new");
            Files.write(renewed, condensed);
            Files.move(renewed, history, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** The lines of the history of a place, the oldest first; none where there is no history. */
    static List<String> history(Path directory) throws IOException {
        var history = directory.resolve(HISTORY);
        return Files.exists(history) ? Files.readAllLines(history) : List.of();
    }

    @Override
    public void close() {
        lock.close();
    }
}
