package samepage.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What one transaction has changed so far: puts, deletions, and the blocks whose last reference it dropped. */
final class Overlay {
    private static final int BYTES_PER_ENTRY = 200;

    final long sequence;
    final ConcurrentSkipListMap<byte[], byte[]> records = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    /** Those of them that are no deletions: a look downwards would pass each deletion one by one. */
    private final ConcurrentSkipListMap<byte[], byte[]> puts = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

    private final AtomicLong heapBytes = new AtomicLong();
    private final List<PhysicalRun> freed = new ArrayList<>();

    Overlay(long sequence) {
        this.sequence = sequence;
    }

    void put(byte[] key, byte[] value) {
        byte[] previous = records.put(key, value);
        if (MetadataStore.isDeletion(value)) {
            puts.remove(key);
        } else {
            puts.put(key, value);
        }
        heapBytes.addAndGet(
                previous == null ? key.length + value.length + BYTES_PER_ENTRY : value.length - previous.length);
    }

    /** As if the key had never been put. */
    void remove(byte[] key) {
        byte[] previous = records.remove(key);
        puts.remove(key);
        if (previous != null) {
            heapBytes.addAndGet(-(key.length + previous.length + BYTES_PER_ENTRY));
        }
    }

    /** The last key with {@code lowest <= key <= highest} that has been put or deleted, or null. */
    Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) {
        return atLeast(lowest, records.floorEntry(highest));
    }

    /** The last key with {@code lowest <= key <= highest} that has been put, or null. */
    Map.@Nullable Entry<byte[], byte[]> floorOfPuts(byte[] highest, byte[] lowest) {
        return atLeast(lowest, puts.floorEntry(highest));
    }

    private static Map.@Nullable Entry<byte[], byte[]> atLeast(
            byte[] lowest, Map.@Nullable Entry<byte[], byte[]> entry) {
        return entry == null || Arrays.compareUnsigned(entry.getKey(), lowest) < 0 ? null : entry;
    }

    /** An overlay that says what {@code earlier} and then {@code later} say, in the later one's place. */
    static Overlay merged(Overlay earlier, Overlay later) {
        var merged = new Overlay(later.sequence);
        earlier.records.forEach(merged::put);
        later.records.forEach(merged::put);
        merged.freed.addAll(earlier.freed());
        merged.freed.addAll(later.freed());
        return merged;
    }

    void addFreed(PhysicalRun run) {
        synchronized (freed) {
            freed.add(run);
        }
    }

    List<PhysicalRun> freed() {
        synchronized (freed) {
            return List.copyOf(freed);
        }
    }

    /** What the overlay takes in memory, about. */
    long heapBytes() {
        return heapBytes.get();
    }

    boolean isEmpty() {
        return records.isEmpty();
    }
}
