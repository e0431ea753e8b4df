package samepage.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;

/**
 * Where a volume's blocks live: an array of blocks of one size, addressed by block index from 0.
 *
 * <p>Reads and writes cover whole blocks, are safe from any thread and carry no order between each other; a write is
 * durable once a {@link #flush} that began after it returned has returned too. A block that was never written reads as
 * zeros.
 *
 * <p>Failures are {@link samepage.errno.VfsException}s: {@code ENOSPC} where the host has no room left, {@code EROFS} where
 * the device was opened for reading only, {@code EIO} otherwise. A buffer that is not a whole number of blocks, or a range
 * outside the device, is a mistake of the caller ({@link IllegalArgumentException}, {@link IndexOutOfBoundsException}), and
 * so is any call but {@code close} after {@code close} ({@link IllegalStateException}). An interrupt neither fails an
 * operation nor harms the device; the thread's interrupt status is kept.
 */
public interface BlockDevice extends AutoCloseable {
    /** Bytes per block; a power of two, at least 512. */
    int blockSize();

    /** Blocks that the device can hold; {@link Long#MAX_VALUE} / blockSize where only the host's space bounds it. */
    long blockCount();

    /**
     * Reads {@code target.byteSize() / blockSize()} blocks from {@code blockIndex} on.
     *
     * @param target native memory or a segment of a {@code byte[]}
     * @throws IOException where the device fails; the target's bytes are then undefined
     */
    void read(long blockIndex, MemorySegment target) throws IOException;

    /**
     * Writes {@code source.byteSize() / blockSize()} blocks from {@code blockIndex} on.
     *
     * @param source native memory or a segment of a {@code byte[]}; must not change meanwhile
     * @throws IOException where the device fails or is full; the blocks' content is then undefined
     */
    void write(long blockIndex, MemorySegment source) throws IOException;

    /**
     * Sends bytes to {@code target}; an interrupt closes that, as it does in every transfer between channels.
     *
     * @return how many have been sent, at most {@code lengthBytes}; less where the target takes no more for now
     */
    default long transferTo(long offsetBytes, long lengthBytes, WritableByteChannel target) throws IOException {
        long block = offsetBytes / blockSize();
        int inBlock = (int) (offsetBytes % blockSize());
        long blocks = Math.min(256, (inBlock + lengthBytes - 1) / blockSize() + 1);
        MemorySegment buffer = MemorySegment.ofArray(new byte[(int) blocks * blockSize()]);
        read(block, buffer);
        long available = Math.min(lengthBytes, buffer.byteSize() - inBlock);
        return target.write(buffer.asSlice(inBlock, available).asByteBuffer());
    }

    /**
     * Makes every write that returned before this call durable.
     *
     * @throws IOException where any of them may be lost; no later flush can bring them back, so all later ones fail too
     */
    void flush() throws IOException;

    /**
     * Gives the blocks' storage back where the device can, and does nothing where it cannot. The blocks read as zeros or old
     * bytes until they are written again; like a write, a discard may be undone by a crash before the next flush.
     */
    void discard(long blockIndex, long blockCount) throws IOException;

    /**
     * Takes storage for blocks that are to be written later, where the device can. They read as they did before.
     *
     * @throws IOException {@code ENOSPC} where the host has no room for them
     */
    default void reserve(long blockIndex, long blockCount) throws IOException {}

    /** Bytes that the device takes on its host now. */
    long allocatedBytes() throws IOException;

    /** Bytes that can still be written before the host is full; an estimate, others use the host too. */
    long usableBytes() throws IOException;

    /** Closes the device; what was not flushed may be lost. Closing twice is harmless. */
    @Override
    void close() throws IOException;
}
