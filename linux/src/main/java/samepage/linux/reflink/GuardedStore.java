package samepage.linux.reflink;

import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import samepage.errno.VfsException;
import samepage.volume.MetadataStore;

/** A store whose failure to be read is told apart from that of a file. */
final class GuardedStore implements MetadataStore {
    private final MetadataStore store;

    GuardedStore(MetadataStore store) {
        this.store = store;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        try {
            return store.get(key);
        } catch (VfsException e) {
            throw told(e);
        }
    }

    @Override
    public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws IOException {
        try {
            return store.floor(highest, lowest);
        } catch (VfsException e) {
            throw told(e);
        }
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) throws IOException {
        return store.scan(from, to);
    }

    @Override
    public void apply(SortedMap<byte[], byte[]> batch) throws IOException {
        try {
            store.apply(batch);
        } catch (VfsException e) {
            throw told(e);
        }
    }

    @Override
    public long allocatedBytes() throws IOException {
        return store.allocatedBytes();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    private static IOException told(VfsException failure) {
        return switch (failure.errno()) {
            case EIO -> new IndexDamaged(failure);
            case ENOSPC, EDQUOT -> new IndexFull(failure);
            default -> failure;
        };
    }
}
