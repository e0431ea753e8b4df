package samepage.volume;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.block.Recording;

/**
 * A metadata store in memory that notes every batch in a recording, which a recording block device may share, and builds the
 * states in which a crash could have left it. Counts are positions in that one sequence, so that
 * {@code device.afterCrash(n, seed)} and {@code store.afterCrash(n, seed)} together are one state of the volume.
 */
public final class RecordingMetadataStore implements MetadataStore {
    private final MemoryMetadataStore store;
    private final MemoryMetadataStore start;
    private final Recording recording;

    /** Records {@code store} from its present content on. */
    public RecordingMetadataStore(MemoryMetadataStore store, Recording recording) {
        this.store = store;
        this.start = store.copy();
        this.recording = recording;
    }

    /** A batch became durable; {@code batch} is not to be changed. */
    public record Applied(RecordingMetadataStore store, SortedMap<byte[], byte[]> batch) implements Recording.Event {}

    /** The store as it stands after the first {@code count} operations of the recording. */
    public MemoryMetadataStore after(int count) {
        var rebuilt = start.copy();
        for (var entry : recording.entries().subList(0, count)) {
            if (isOwn(entry)) {
                rebuilt.apply(batch(entry));
            }
        }
        return rebuilt;
    }

    /**
     * The store as it may stand when the machine stopped after the first {@code count} operations of the recording: with
     * every batch there, and with as many of those under way as the seed decides, in their order. The same seed gives the same
     * state.
     */
    public MemoryMetadataStore afterCrash(int count, long seed) {
        var random = new Random(seed);
        var rebuilt = after(count);
        var started = recording.startedWithin(count);
        for (var underWay : started.subList(count, started.size())) {
            if (isOwn(underWay)) {
                if (random.nextBoolean()) {
                    break;
                }
                rebuilt.apply(batch(underWay));
            }
        }
        return rebuilt;
    }

    private boolean isOwn(Recording.Entry entry) {
        return entry.event() instanceof Applied applied && applied.store == this;
    }

    private static SortedMap<byte[], byte[]> batch(Recording.Entry entry) {
        return ((Applied) entry.event()).batch;
    }

    /** One at a time, so that the recording has the batches in the order in which they became durable. */
    @Override
    public synchronized void apply(SortedMap<byte[], byte[]> batch) throws IOException {
        var began = recording.begin();
        var kept = new TreeMap<>(batch);
        store.apply(kept);
        recording.add(began, new Applied(this, kept));
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        return store.get(key);
    }

    @Override
    public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws IOException {
        return store.floor(highest, lowest);
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) throws IOException {
        return store.scan(from, to);
    }

    @Override
    public long allocatedBytes() throws IOException {
        return store.allocatedBytes();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }
}
