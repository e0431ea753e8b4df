package samepage.volume;

import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map from byte strings to byte strings that takes whole batches atomically: where a volume's metadata is
 * durable. Keys are ordered as unsigned bytes. The seam is narrow so that a remote store can stand behind it.
 *
 * <p>Arrays handed in or out are never changed afterwards by either side. All methods are safe from any thread.
 */
public interface MetadataStore extends AutoCloseable {
    /** The value of {@code key}, or null where there is none. */
    byte @Nullable [] get(byte[] key) throws IOException;

    /** The last entry with {@code lowest <= key <= highest}, or null. */
    Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws IOException;

    /** Walks the entries with {@code from <= key < to} upwards, as they stand when the cursor is opened. */
    Cursor scan(byte[] from, byte[] to) throws IOException;

    /**
     * Puts every entry of the batch, deleting those whose value is {@link #DELETED}: all or none, and durable when it
     * returns.
     */
    void apply(SortedMap<byte[], byte[]> batch) throws IOException;

    /** Bytes that the store takes on its host; 0 in memory. */
    long allocatedBytes() throws IOException;

    @Override
    void close() throws IOException;

    /** The value that stands for a deletion in a batch; compared by identity. */
    byte[] DELETED = {};

    /** A walk upwards; belongs to one thread. */
    interface Cursor extends AutoCloseable {
        /** Moves to the next entry; false at the end. Call it before the first entry. */
        boolean next() throws IOException;

        byte[] key();

        byte[] value();

        @Override
        void close();
    }
}
