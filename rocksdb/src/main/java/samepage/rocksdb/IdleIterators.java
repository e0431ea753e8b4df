package samepage.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;

/**
 * Finds the last entry at or below a key, with iterators kept from call to call: making one costs more than a search with it
 * (RocksDbStoreSpeed in the tests). An iterator sees, and holds on to, the store of the time when it was made; so all are
 * dropped when a batch has been applied.
 */
final class IdleIterators implements AutoCloseable {
    private static final int MOST_KEPT = 8;

    /** A kept iterator knows no range; past so many deletions a search with a bound takes over. */
    private static final int MOST_DELETIONS_PASSED = 64;

    private final RocksDB database;
    private final DeletionsInMemory deletions;
    private final ReadOptions options = new ReadOptions().setMaxSkippableInternalKeys(MOST_DELETIONS_PASSED);

    @GuardedBy("this") private final Deque<RocksIterator> idle = new ArrayDeque<>();

    @GuardedBy("this") private long generation;

    IdleIterators(RocksDB database, DeletionsInMemory deletions) {
        this.database = database;
        this.deletions = deletions;
    }

    private record Borrowed(RocksIterator iterator, long generation) {}

    Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws RocksDBException {
        var borrowed = borrow();
        try {
            var found = floor(borrowed.iterator, highest, lowest);
            giveBack(borrowed);
            return found;
        } catch (RocksDBException e) {
            borrowed.iterator.close(); // a new one may find a store that a compaction has rid of the deletions
            if (!isForTooManyDeletions(e)) {
                throw e;
            }
            deletions.metByASearch();
        }
        try (var bound = new Slice(lowest);
                var bounded = new ReadOptions().setIterateLowerBound(bound);
                var iterator = database.newIterator(bounded)) {
            return floor(iterator, highest, lowest);
        }
    }

    private static Map.@Nullable Entry<byte[], byte[]> floor(RocksIterator iterator, byte[] highest, byte[] lowest)
            throws RocksDBException {
        iterator.seekForPrev(highest);
        if (!iterator.isValid()) {
            iterator.status();
            return null;
        }
        var key = iterator.key();
        return Arrays.compareUnsigned(key, lowest) < 0 ? null : Map.entry(key, iterator.value());
    }

    private static boolean isForTooManyDeletions(RocksDBException failure) {
        var status = failure.getStatus();
        return status != null && status.getCode() == Status.Code.Incomplete;
    }

    private synchronized Borrowed borrow() {
        var kept = idle.poll();
        return new Borrowed(kept != null ? kept : database.newIterator(options), generation);
    }

    private synchronized void giveBack(Borrowed borrowed) {
        if (borrowed.generation == generation && idle.size() < MOST_KEPT) {
            idle.push(borrowed.iterator);
        } else {
            borrowed.iterator.close();
        }
    }

    /** Lets no iterator that was made until now answer a call that begins from now on. */
    synchronized void expire() {
        generation++;
        idle.forEach(RocksIterator::close);
        idle.clear();
    }

    /** No call may run meanwhile, none may follow. */
    @Override
    public void close() {
        expire();
        options.close();
    }
}
