package samepage.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Where a volume's blocks live: an array of blocks of one size, addressed by block index from 0.
 *
 * <p>Reads and writes cover whole blocks, are safe from any thread and carry no order between each other; a write is
 * durable once a {@link #flush} that began after it returned. A block that was never written reads as zeros.
 */
public interface BlockDevice extends AutoCloseable {
    /** Bytes per block; a power of two, at least 512. */
    int blockSize();

    /** Blocks that the device can hold; {@link Long#MAX_VALUE} / blockSize where only the host's space bounds it. */
    long blockCount();

    /**
     * Reads {@code target.byteSize() / blockSize()} blocks from {@code blockIndex} on.
     *
     * @throws IOException where the device fails; the target's bytes are then undefined
     */
    void read(long blockIndex, MemorySegment target) throws IOException;

    /**
     * Writes {@code source.byteSize() / blockSize()} blocks from {@code blockIndex} on.
     *
     * @throws IOException where the device fails or is full; the blocks' content is then undefined
     */
    void write(long blockIndex, MemorySegment source) throws IOException;

    /** Makes every write that returned before this call durable. */
    void flush() throws IOException;

    /** Gives the blocks' storage back where the device can; they read as zeros or old bytes afterwards. */
    void discard(long blockIndex, long blockCount) throws IOException;

    /** Bytes that the device takes on its host now. */
    long allocatedBytes() throws IOException;

    /** Bytes that can still be written before the host is full; an estimate, others use the host too. */
    long usableBytes() throws IOException;

    @Override
    void close() throws IOException;
}
