package samepage.volume;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Walks layers as one map: at each key the uppermost layer that has it decides, and what it deleted is passed over. */
final class MergedCursor implements MetadataStore.Cursor {
    private static final byte[] NONE = {};

    private final Layer[] upperFirst;
    private byte[] key = NONE;
    private byte[] value = NONE;

    private MergedCursor(Layer[] upperFirst) {
        this.upperFirst = upperFirst;
    }

    static MergedCursor open(Overlay running, @Nullable Overlay committing, MetadataStore store, byte[] from, byte[] to)
            throws IOException {
        Layer upper = new OverlayLayer(running, from, to);
        Layer lower = StoreLayer.open(store.scan(from, to));
        return new MergedCursor(
                committing == null
                        ? new Layer[] {upper, lower}
                        : new Layer[] {upper, new OverlayLayer(committing, from, to), lower});
    }

    @Override
    public boolean next() throws IOException {
        while (true) {
            Layer least = null;
            for (Layer layer : upperFirst) {
                byte[] candidate = layer.head();
                if (candidate != null && (least == null || compare(candidate, least) < 0)) {
                    least = layer;
                }
            }
            if (least == null) {
                return false;
            }
            key = Objects.requireNonNull(least.head());
            value = least.headValue();
            for (Layer layer : upperFirst) {
                byte[] candidate = layer.head();
                if (candidate != null && Arrays.equals(candidate, key)) {
                    layer.advance();
                }
            }
            if (!MetadataStore.isDeletion(value)) {
                return true;
            }
        }
    }

    private static int compare(byte[] candidate, Layer least) {
        return Arrays.compareUnsigned(candidate, least.head());
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public byte[] value() {
        return value;
    }

    @Override
    public void close() {
        for (Layer layer : upperFirst) {
            layer.close();
        }
    }

    /** A sorted source with one entry of look-ahead. */
    private sealed interface Layer {
        byte @Nullable [] head();

        byte[] headValue();

        void advance() throws IOException;

        void close();
    }

    private static final class OverlayLayer implements Layer {
        private final Iterator<Map.Entry<byte[], byte[]>> entries;
        private Map.@Nullable Entry<byte[], byte[]> head;

        OverlayLayer(Overlay overlay, byte[] from, byte[] to) {
            boolean isEmpty = Arrays.compareUnsigned(from, to) >= 0;
            entries = isEmpty
                    ? Collections.emptyIterator()
                    : overlay.records.subMap(from, to).entrySet().iterator();
            advance();
        }

        @Override
        public byte @Nullable [] head() {
            return head == null ? null : head.getKey();
        }

        @Override
        public byte[] headValue() {
            return Objects.requireNonNull(head).getValue();
        }

        @Override
        public void advance() {
            head = entries.hasNext() ? entries.next() : null;
        }

        @Override
        public void close() {}
    }

    private static final class StoreLayer implements Layer {
        private final MetadataStore.Cursor cursor;

        /** Kept here: a store may copy it anew each time it is asked. */
        private byte @Nullable [] head;

        private StoreLayer(MetadataStore.Cursor cursor) {
            this.cursor = cursor;
        }

        static StoreLayer open(MetadataStore.Cursor cursor) throws IOException {
            var layer = new StoreLayer(cursor);
            try {
                layer.advance();
                return layer;
            } catch (Throwable e) {
                cursor.close();
                throw e;
            }
        }

        @Override
        public byte @Nullable [] head() {
            return head;
        }

        @Override
        public byte[] headValue() {
            return cursor.value();
        }

        @Override
        public void advance() throws IOException {
            head = cursor.next() ? cursor.key() : null;
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
