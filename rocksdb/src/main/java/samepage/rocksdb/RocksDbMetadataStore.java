package samepage.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.MetadataStore;

/**
 * The metadata store of volumes on disk: a RocksDB in a directory of its own. One process has it open for writing at a time;
 * those that open it for reading see it as it stood when they opened it, and can rely on it only while nobody writes.
 */
/*
 * RocksDB's objects are native: used after their close, they crash the process or seem to work. So every call holds
 * `lifetime` shared, close holds it exclusively, and the cursors, which outlive calls, have a lock each and are closed by
 * the store before its database. Nothing native leaves this package.
 *
 * Once RocksDB could not append to its log it takes no more writes, also when there is space again; reading goes on. The
 * next apply then opens the database anew, which reads back what the log has.
 */
public final class RocksDbMetadataStore implements MetadataStore {
    /** Opening writes a few small files; with less than this left it is not tried. */
    private static final long SMALLEST_SPACE_TO_REOPEN_BYTES = 4 << 20;

    /** What is left in the log at close is read back at the next open, some 100 MB/s; more than this is written out. */
    private static final long LARGEST_LOG_LEFT_BYTES = 2 << 20;

    private final Path directory;
    private final boolean readOnly;
    private final StoreTuning tuning;
    private final WriteOptions durable = new WriteOptions().setSync(true);
    private final Set<RocksDbCursor> cursors = ConcurrentHashMap.newKeySet();

    private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();

    /** Changed with {@code lifetime} held exclusively, as are the three below. */
    private volatile RocksDB database;

    private volatile DeletionsInMemory deletions;
    private volatile IdleIterators idleIterators;
    private volatile boolean closed;
    private volatile @Nullable VfsException outOfSpace;

    /**
     * How to open a store.
     *
     * @param readOnly whether nothing may be written; the store must exist
     * @param createIfMissing whether a directory without a store gets an empty one; its parent must exist
     * @param blockCacheBytes memory for what was read, indexes and filters included
     * @param writeBufferBytes memory for what was applied and is not yet in a table; twice that for moments
     * @param isDense whether writing may take longer, so that it takes less space
     */
    public record Options(
            boolean readOnly, boolean createIfMissing, long blockCacheBytes, long writeBufferBytes, boolean isDense) {
        private static final long DEFAULT_BYTES = 32L << 20;

        /** An existing store, for reading and writing. */
        public static Options existing() {
            return new Options(false, false, DEFAULT_BYTES, DEFAULT_BYTES, false);
        }

        /** An existing store or a new one, for reading and writing. */
        public static Options creating() {
            return new Options(false, true, DEFAULT_BYTES, DEFAULT_BYTES, false);
        }

        /** An existing store, for reading alone. */
        public static Options reading() {
            return new Options(true, false, DEFAULT_BYTES, DEFAULT_BYTES, false);
        }
    }

    /**
     * Opens the store in a directory.
     *
     * @throws VfsException ENOENT where there is none, EBUSY where another process or this one has it open for writing, EIO
     *     where it is damaged
     */
    public static RocksDbMetadataStore open(Path directory, Options options) throws IOException {
        if (!options.createIfMissing && !Files.exists(directory.resolve("CURRENT"))) {
            throw new VfsException(Errno.ENOENT, "no metadata store here").with("path", directory);
        }
        RocksDB.loadLibrary();
        var tuning = new StoreTuning(options);
        try {
            var path = directory.toString();
            var database = options.readOnly
                    ? RocksDB.openReadOnly(tuning.options(), path)
                    : RocksDB.open(tuning.options(), path);
            return new RocksDbMetadataStore(directory, options.readOnly, tuning, database);
        } catch (RocksDBException e) {
            tuning.close();
            throw StoreFailure.ofOpen(directory, e);
        }
    }

    private RocksDbMetadataStore(Path directory, boolean readOnly, StoreTuning tuning, RocksDB database) {
        this.directory = directory;
        this.readOnly = readOnly;
        this.tuning = tuning;
        this.database = database;
        this.deletions = new DeletionsInMemory(database);
        this.idleIterators = new IdleIterators(database, deletions);
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        enter();
        try {
            return database.get(key);
        } catch (RocksDBException e) {
            throw StoreFailure.of("reading from the metadata store failed", directory, e);
        } finally {
            leave();
        }
    }

    @Override
    public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws IOException {
        enter();
        try {
            return idleIterators.floor(highest, lowest);
        } catch (RocksDBException e) {
            throw StoreFailure.of("reading from the metadata store failed", directory, e);
        } finally {
            leave();
        }
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) throws IOException {
        enter();
        try {
            var cursor = new RocksDbCursor(database, directory, from, to, cursors::remove);
            cursors.add(cursor);
            return cursor;
        } finally {
            leave();
        }
    }

    @Override
    public void apply(SortedMap<byte[], byte[]> batch) throws IOException {
        if (readOnly) {
            throw new VfsException(Errno.EROFS, "metadata store is open for reading only").with("path", directory);
        }
        if (outOfSpace != null) {
            reopen();
        }
        enter();
        try (var writes = SerializedBatch.of(batch)) {
            database.write(durable, writes);
            deletions.applied();
        } catch (RocksDBException e) {
            var failure = StoreFailure.of("writing to the metadata store failed", directory, e);
            outOfSpace = failure.errno() == Errno.ENOSPC ? failure : null;
            throw failure;
        } finally {
            idleIterators.expire();
            leave();
        }
    }

    /** Not while a cursor is open, which holds on to the database that would have to be closed. */
    private void reopen() throws IOException {
        lifetime.writeLock().lock();
        try {
            checkOpen();
            var failure = outOfSpace;
            if (failure == null) {
                return;
            }
            if (!cursors.isEmpty() || Files.getFileStore(directory).getUsableSpace() < SMALLEST_SPACE_TO_REOPEN_BYTES) {
                throw new VfsException(Errno.ENOSPC, "metadata store has run out of space", failure)
                        .with("path", directory);
            }
            idleIterators.close();
            database.close();
            database = openAnew();
            deletions = new DeletionsInMemory(database);
            idleIterators = new IdleIterators(database, deletions);
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    private RocksDB openAnew() throws IOException {
        try {
            var opened = RocksDB.open(tuning.options(), directory.toString());
            outOfSpace = null;
            return opened;
        } catch (RocksDBException e) {
            return openAnewForReading(e);
        }
    }

    private RocksDB openAnewForReading(RocksDBException cause) throws IOException {
        try {
            return RocksDB.openReadOnly(tuning.options(), directory.toString());
        } catch (RocksDBException e) {
            closed = true;
            cause.addSuppressed(e);
            throw StoreFailure.ofOpen(directory, cause);
        }
    }

    /** The sizes of the store's files. */
    @Override
    public long allocatedBytes() throws IOException {
        enter();
        try (var files = Files.newDirectoryStream(directory)) {
            var bytes = 0L;
            for (var file : files) {
                try {
                    bytes += Files.size(file);
                } catch (NoSuchFileException e) {
                    // Compacted away meanwhile.
                }
            }
            return bytes;
        } finally {
            leave();
        }
    }

    /** What is in the log alone is written a second time before the log goes. */
    @Override
    public long usableBytes() throws IOException {
        enter();
        try {
            var toBeWritten = database.getLongProperty("rocksdb.cur-size-all-mem-tables");
            return Math.max(0, Files.getFileStore(directory).getUsableSpace() - toBeWritten);
        } catch (RocksDBException e) {
            throw StoreFailure.of("reading from the metadata store failed", directory, e);
        } finally {
            leave();
        }
    }

    @Override
    public void close() {
        lifetime.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            cursors.forEach(RocksDbCursor::close);
            idleIterators.close();
            if (!readOnly && outOfSpace == null) {
                writeOutLongLog();
            }
            database.close();
        } finally {
            durable.close();
            tuning.close();
            lifetime.writeLock().unlock();
        }
    }

    /** To open fast the next time. Whether it succeeds matters to nobody else: what was applied is durable in the log. */
    private void writeOutLongLog() {
        try (var flush = new FlushOptions().setWaitForFlush(true)) {
            if (database.getLongProperty("rocksdb.cur-size-all-mem-tables") > LARGEST_LOG_LEFT_BYTES) {
                database.flush(flush);
            }
        } catch (RocksDBException e) {
            return;
        }
    }

    private void enter() {
        lifetime.readLock().lock();
        try {
            checkOpen();
        } catch (IllegalStateException e) {
            lifetime.readLock().unlock();
            throw e;
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("metadata store is closed: path=" + directory);
        }
    }

    private void leave() {
        lifetime.readLock().unlock();
    }

    @Override
    public String toString() {
        return "RocksDbMetadataStore[" + directory + "]";
    }
}
