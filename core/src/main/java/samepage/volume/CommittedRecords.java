package samepage.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a store as they stood at one moment. Each is walked once; belongs to one thread at a time. It holds on to the
 * entries of its time: close it soon.
 */
final class CommittedRecords implements AutoCloseable {
    private final MetadataStore store;
    private final List<TableWalk> opened = new ArrayList<>();

    /** The caller keeps commits out until it has opened all that it wants. */
    CommittedRecords(MetadataStore store) {
        this.store = store;
    }

    /** The one record that is in no table; null where it is missing. */
    byte @Nullable [] accounting() throws IOException {
        return store.get(RecordKey.of(RecordKey.ACCOUNTING));
    }

    /** A walk over a table, standing on its first record. */
    TableWalk walk(byte table) throws IOException {
        var walk = new TableWalk(store.scan(RecordKey.of(table), RecordKey.of((byte) (table + 1))));
        opened.add(walk);
        walk.advance();
        return walk;
    }

    @Override
    public void close() {
        opened.forEach(TableWalk::close);
    }
}
