package samepage.volume;

import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map from byte strings to byte strings that takes whole batches atomically: where a volume's metadata is
 * durable. Keys are ordered as unsigned bytes. The seam is narrow so that a remote store can stand behind it.
 *
 * <p>Arrays handed in or out are never changed afterwards by either side. All methods are safe from any thread, and what a
 * returned {@link #apply} put is seen by every call that begins afterwards.
 *
 * <p>Failures are {@link samepage.errno.VfsException}s: {@code ENOSPC} where the host has no room left, {@code EROFS} where
 * the store was opened for reading only, {@code EIO} otherwise, a damaged store among them. Any call but {@code close} after
 * {@code close}, on a store or a cursor, is a mistake of the caller: {@link IllegalStateException}.
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
     * returns. Batches become durable in the order in which they were applied.
     *
     * @param batch sorted as the store's keys are
     * @throws IOException where the batch could not be made durable. Reading goes on and sees nothing of it, but it may come
     *     back, whole, when the store is opened again or takes batches again; who goes on applies it again, on its own or
     *     within a larger batch. After ENOSPC a later apply may succeed once there is space and no cursor is open.
     */
    void apply(SortedMap<byte[], byte[]> batch) throws IOException;

    /** Bytes that the store takes on its host; 0 in memory. */
    long allocatedBytes() throws IOException;

    /** Bytes that the host still has for what is applied from now on. */
    default long usableBytes() throws IOException {
        return Long.MAX_VALUE;
    }

    /** Closes the store and every cursor that is still open. Closing twice is harmless. */
    @Override
    void close() throws IOException;

    /** The value that stands for a deletion in a batch; told from an empty value by {@link #isDeletion}. */
    byte[] DELETED = {};

    /** Whether a batch's value stands for a deletion; an empty value does not. */
    @SuppressWarnings("ReferenceEquality")
    static boolean isDeletion(byte[] value) {
        return value == DELETED;
    }

    /** A walk upwards; belongs to one thread. It holds on to the entries of its time: close it soon. */
    interface Cursor extends AutoCloseable {
        /** Moves to the next entry; false at the end. Call it before the first entry. */
        boolean next() throws IOException;

        /** The key of the entry that {@link #next} moved to; {@link IllegalStateException} where there is none. */
        byte[] key();

        /** The value of the entry that {@link #next} moved to; {@link IllegalStateException} where there is none. */
        byte[] value();

        /** Closing twice is harmless. */
        @Override
        void close();
    }
}
