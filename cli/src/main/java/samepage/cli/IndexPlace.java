package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
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

    /** Takes the place, and makes it where it is missing; refuses where another run has it. */
    static IndexPlace take(Path directory) throws IOException {
        Files.createDirectories(directory);
        var lock = HostFile.open(HostPath.of(directory.resolve("lock")), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0600);
        if (!lock.tryLockExclusive()) {
            lock.close();
            throw new Refusal(
                    PrintableName.of(HostPath.of(directory)),
                    "another run is at work on the same files",
                    "wait for it, or name another index by --index");
        }
        return new IndexPlace(directory, lock);
    }

    /** Opens the store; {@code EIO} where it is damaged. */
    MetadataStore openStore(long memoryBytes) throws IOException {
        var options = new RocksDbMetadataStore.Options(false, true, memoryBytes / 2, memoryBytes / 2, true);
        return RocksDbMetadataStore.open(directory.resolve(STORE), options);
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
        Files.writeString(
                directory.resolve(HISTORY),
                line + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
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
