package samepage.rocksdb;

import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * Deletions that are not in a table yet. A search downwards steps over each, and in memory every step is a search of its own:
 * 100,000 of them take a quarter of a second (RocksDbStoreSpeed in the tests). In tables a step costs a hundredth, and a
 * compaction takes them out where they lie close together ({@link StoreTuning}). So they are written out before they are many.
 */
final class DeletionsInMemory {
    private static final long MOST = 2000;

    /** Where a search has met a row of them. */
    private static final long MOST_IN_THE_WAY = 500;

    /** Each time makes a table, and tables are to be merged. */
    private static final long PAUSE_NANOS = 1_000_000_000;

    private final RocksDB database;
    private final AtomicLong notBeforeNanos = new AtomicLong(System.nanoTime());

    DeletionsInMemory(RocksDB database) {
        this.database = database;
    }

    /** A batch has been applied. */
    void applied() {
        writeOutMoreThan(MOST);
    }

    /** A search has stepped over a row of deletions. */
    void metByASearch() {
        writeOutMoreThan(MOST_IN_THE_WAY);
    }

    /** Begins it, and waits for nothing. Where it fails, the next write is told. */
    private void writeOutMoreThan(long deletions) {
        try {
            if (database.getLongProperty("rocksdb.num-deletes-active-mem-table") > deletions
                    && database.getLongProperty("rocksdb.num-immutable-mem-table") == 0
                    && isDue()) {
                try (var flush = new FlushOptions().setWaitForFlush(false).setAllowWriteStall(true)) {
                    database.flush(flush);
                }
            }
        } catch (RocksDBException e) {
            return;
        }
    }

    private boolean isDue() {
        long due = notBeforeNanos.get();
        long now = System.nanoTime();
        return now - due >= 0 && notBeforeNanos.compareAndSet(due, now + PAUSE_NANOS);
    }
}
