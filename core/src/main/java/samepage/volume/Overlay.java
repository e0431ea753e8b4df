package samepage.volume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** What one transaction has changed so far: puts, deletions, and the blocks whose last reference it dropped. */
final class Overlay {
    private static final int BYTES_PER_ENTRY = 96;

    final long sequence;
    final ConcurrentSkipListMap<byte[], byte[]> records = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private final AtomicLong heapBytes = new AtomicLong();
    private final List<PhysicalRun> freed = new ArrayList<>();

    Overlay(long sequence) {
        this.sequence = sequence;
    }

    void put(byte[] key, byte[] value) {
        byte[] previous = records.put(key, value);
        heapBytes.addAndGet(
                previous == null ? key.length + value.length + BYTES_PER_ENTRY : value.length - previous.length);
    }

    /** As if the key had never been put. */
    void remove(byte[] key) {
        byte[] previous = records.remove(key);
        if (previous != null) {
            heapBytes.addAndGet(-(key.length + previous.length + BYTES_PER_ENTRY));
        }
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
