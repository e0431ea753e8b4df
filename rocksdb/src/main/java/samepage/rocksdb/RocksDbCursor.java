package samepage.rocksdb;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import samepage.volume.MetadataStore;

/** A walk over a range; closed by its owner, or by the store when that closes first. */
final class RocksDbCursor implements MetadataStore.Cursor {
    private final Path directory;
    private final Consumer<RocksDbCursor> onClose;
    private final byte[] from;
    private final Slice to;
    private final ReadOptions options;
    private final RocksIterator iterator;

    @GuardedBy("this") private State state = State.BEFORE_FIRST;

    private enum State {
        BEFORE_FIRST,
        ON_ENTRY,
        AT_END,
        CLOSED
    }

    RocksDbCursor(RocksDB database, Path directory, byte[] from, byte[] to, Consumer<RocksDbCursor> onClose) {
        this.directory = directory;
        this.onClose = onClose;
        this.from = from;
        // With a bound RocksDB stops at the range's end, instead of looking for an entry among deletions far beyond it.
        this.to = new Slice(to);
        this.options = new ReadOptions().setIterateUpperBound(this.to);
        this.iterator = database.newIterator(options);
    }

    @Override
    public synchronized boolean next() throws IOException {
        switch (state) {
            case BEFORE_FIRST -> iterator.seek(from);
            case ON_ENTRY -> iterator.next();
            case AT_END -> {
                return false;
            }
            case CLOSED -> throw new IllegalStateException("cursor is closed");
        }
        if (iterator.isValid()) {
            state = State.ON_ENTRY;
            return true;
        }
        state = State.AT_END;
        try {
            iterator.status();
            return false;
        } catch (RocksDBException e) {
            throw StoreFailure.of("reading from the metadata store failed", directory, e);
        }
    }

    @Override
    public synchronized byte[] key() {
        checkOnEntry();
        return iterator.key();
    }

    @Override
    public synchronized byte[] value() {
        checkOnEntry();
        return iterator.value();
    }

    @GuardedBy("this") private void checkOnEntry() {
        if (state != State.ON_ENTRY) {
            throw new IllegalStateException(state == State.CLOSED ? "cursor is closed" : "cursor stands on no entry");
        }
    }

    @Override
    public void close() {
        onClose.accept(this);
        closeNative();
    }

    private synchronized void closeNative() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            iterator.close();
            options.close();
            to.close();
        }
    }
}
