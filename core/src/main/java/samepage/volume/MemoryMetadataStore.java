package samepage.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A metadata store in the heap, for memory volumes and tests; nothing of it outlives the process.
 *
 * <p>A cursor holds its own list of its range's entries, references only, copied when it is opened: no apply waits for it,
 * and opening one over a whole table takes time and memory in proportion.
 */
public final class MemoryMetadataStore implements MetadataStore {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    @GuardedBy("lock") private final TreeMap<byte[], byte[]> entries = new TreeMap<>(Arrays::compareUnsigned);

    private volatile boolean closed;

    /** An empty store. */
    public MemoryMetadataStore() {}

    @Override
    public byte @Nullable [] get(byte[] key) {
        lock.readLock().lock();
        try {
            checkOpen();
            return entries.get(key);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
        lock.readLock().lock();
        try {
            checkOpen();
            var entry = entries.floorEntry(highest);
            return entry == null || Arrays.compareUnsigned(entry.getKey(), lowest) < 0 ? null : entry;
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
        lock.readLock().lock();
        try {
            checkOpen();
            var isEmpty = Arrays.compareUnsigned(from, to) >= 0;
            return new SnapshotCursor(
                    isEmpty ? Set.of() : entries.subMap(from, to).entrySet());
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void apply(SortedMap<byte[], byte[]> batch) {
        lock.writeLock().lock();
        try {
            checkOpen();
            batch.forEach((key, value) -> {
                if (MetadataStore.isDeletion(value)) {
                    entries.remove(key);
                } else {
                    entries.put(key, value);
                }
            });
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public long allocatedBytes() {
        checkOpen();
        return 0;
    }

    @Override
    public void close() {
        closed = true;
    }

    /** A store with the same entries, which goes its own way from here. */
    public MemoryMetadataStore copy() {
        var copy = new MemoryMetadataStore();
        lock.readLock().lock();
        try {
            checkOpen();
            copy.apply(entries);
        } finally {
            lock.readLock().unlock();
        }
        return copy;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("metadata store is closed");
        }
    }

    private final class SnapshotCursor implements Cursor {
        private final Iterator<Map.Entry<byte[], byte[]>> remaining;
        private Map.@Nullable Entry<byte[], byte[]> current;
        private boolean cursorClosed;

        SnapshotCursor(Collection<Map.Entry<byte[], byte[]>> range) {
            this.remaining = range.stream().map(Map.Entry::copyOf).toList().iterator();
        }

        @Override
        public boolean next() {
            checkCursorOpen();
            current = remaining.hasNext() ? remaining.next() : null;
            return current != null;
        }

        @Override
        public byte[] key() {
            return current().getKey();
        }

        @Override
        public byte[] value() {
            return current().getValue();
        }

        private Map.Entry<byte[], byte[]> current() {
            checkCursorOpen();
            if (current == null) {
                throw new IllegalStateException("cursor stands on no entry");
            }
            return current;
        }

        private void checkCursorOpen() {
            checkOpen();
            if (cursorClosed) {
                throw new IllegalStateException("cursor is closed");
            }
        }

        @Override
        public void close() {
            cursorClosed = true;
        }
    }
}
