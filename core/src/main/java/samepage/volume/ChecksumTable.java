package samepage.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import samepage.lock.RankedLock;

/**
 * The checksum of every written block, by physical block. One record covers a chunk of neighbouring blocks:
 *
 * <pre>
 *   0        8       16       24      ...            256 * 16
 *   +--------+--------+--------+--------+-----+--------+
 *   | high 0 | low 0  | high 1 | low 1  | ... | low 255|
 *   +--------+--------+--------+--------+-----+--------+
 * </pre>
 *
 * A slot means something only while an extent maps its block as written.
 */
final class ChecksumTable {
    static final int BLOCKS_PER_CHUNK = 256;
    private static final int SLOT_BYTES = 2 * Long.BYTES;
    private static final int CHUNK_BYTES = BLOCKS_PER_CHUNK * SLOT_BYTES;

    /** Of a MiB of blocks each. */
    private static final int KEPT_CHUNKS = 1024;

    private final TransactionLog log;
    private final RankedLock allocationLock;

    /** Chunks that were read last, by their index modulo their number: a look at the records costs more than a block's hash. */
    private final AtomicReferenceArray<@Nullable Kept> kept = new AtomicReferenceArray<>(KEPT_CHUNKS);

    /** How often a chunk of the same place has been recorded: what was read before is no longer asked for. */
    private final AtomicLongArray changes = new AtomicLongArray(KEPT_CHUNKS);

    /** A chunk as it was read after so many changes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(long index, long changes, byte[] chunk) {}

    ChecksumTable(TransactionLog log, RankedLock allocationLock) {
        this.log = log;
        this.allocationLock = allocationLock;
    }

    /** Records the checksums of freshly written blocks, which no record refers to yet. */
    void record(Overlay running, long physicalBlock, Checksum[] sums) throws IOException {
        try (var _ = allocationLock.lockExclusive()) {
            int done = 0;
            while (done < sums.length) {
                long block = physicalBlock + done;
                int slot = (int) (block % BLOCKS_PER_CHUNK);
                int count = Math.min(sums.length - done, BLOCKS_PER_CHUNK - slot);
                ByteBuffer chunk = ByteBuffer.wrap(chunkToChange(running, block / BLOCKS_PER_CHUNK, count));
                for (int i = 0; i < count; i++) {
                    Checksum sum = sums[done + i];
                    chunk.putLong((slot + i) * SLOT_BYTES, sum.high());
                    chunk.putLong((slot + i) * SLOT_BYTES + Long.BYTES, sum.low());
                }
                changes.incrementAndGet(place(block / BLOCKS_PER_CHUNK)); // before an extent maps the blocks
                done += count;
            }
        }
    }

    /** The running transaction's own copy: other slots of it may be read meanwhile, the ones to change are not. */
    private byte[] chunkToChange(Overlay running, long chunkIndex, int slotsToChange) throws IOException {
        byte[] key = RecordKey.of(RecordKey.CHECKSUMS, chunkIndex);
        byte[] own = running.records.get(key);
        if (own != null) {
            return own;
        }
        byte[] before = slotsToChange == BLOCKS_PER_CHUNK ? null : log.get(key);
        byte[] copy = before == null ? new byte[CHUNK_BYTES] : before.clone();
        running.put(key, copy);
        return copy;
    }

    /** The checksums of {@code count} blocks from {@code physicalBlock} on. */
    Checksum[] get(long physicalBlock, int count) throws IOException {
        Checksum[] sums = new Checksum[count];
        int done = 0;
        while (done < count) {
            long block = physicalBlock + done;
            ByteBuffer chunk = ByteBuffer.wrap(chunk(block / BLOCKS_PER_CHUNK));
            for (int slot = (int) (block % BLOCKS_PER_CHUNK); slot < BLOCKS_PER_CHUNK && done < count; slot++, done++) {
                sums[done] =
                        new Checksum(chunk.getLong(slot * SLOT_BYTES), chunk.getLong(slot * SLOT_BYTES + Long.BYTES));
            }
        }
        return sums;
    }

    private byte[] chunk(long index) throws IOException {
        int place = place(index);
        long changesBefore = changes.get(place);
        Kept known = kept.get(place);
        if (known != null && known.index == index && known.changes == changesBefore) {
            return known.chunk;
        }
        byte[] read = log.get(RecordKey.of(RecordKey.CHECKSUMS, index));
        byte[] chunk = read == null ? new byte[CHUNK_BYTES] : read;
        kept.set(place, new Kept(index, changesBefore, chunk));
        return chunk;
    }

    private static int place(long chunkIndex) {
        return (int) (chunkIndex % KEPT_CHUNKS);
    }
}
