package samepage.volume;

import java.io.IOException;

/** A walk over one table upwards, which always shows the number that the next record's key begins with. */
final class TableWalk implements AutoCloseable {
    private static final byte[] NONE = {};

    private final MetadataStore.Cursor cursor;
    private byte[] key = NONE;
    private long first = Long.MIN_VALUE;

    TableWalk(MetadataStore.Cursor cursor) {
        this.cursor = cursor;
    }

    /** Moves to the next record, or to the end. */
    void advance() throws IOException {
        if (cursor.next()) {
            key = cursor.key();
            first = key.length > Long.BYTES ? RecordKey.first(key) : -1;
        } else {
            key = NONE;
            first = Long.MAX_VALUE;
        }
    }

    boolean isAtEnd() {
        return key.length == 0;
    }

    /** The first number of the record's key; {@link Long#MAX_VALUE} at the end, -1 where the key is too short for one. */
    long first() {
        return first;
    }

    byte[] key() {
        return key;
    }

    byte[] value() {
        return cursor.value();
    }

    @Override
    public void close() {
        cursor.close();
    }
}
