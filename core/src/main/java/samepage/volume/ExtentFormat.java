package samepage.volume;

import java.nio.ByteBuffer;

/**
 * An extent record's value, big-endian; inode and file block are in its key.
 *
 * <pre>
 *   0                8             16      20
 *   +----------------+-------------+-------+
 *   | physical block | block count | flags |      flag 1: written
 *   +----------------+-------------+-------+
 * </pre>
 */
final class ExtentFormat {
    private static final int PHYSICAL_BLOCK = 0;
    private static final int BLOCK_COUNT = PHYSICAL_BLOCK + Long.BYTES;
    private static final int FLAGS = BLOCK_COUNT + Long.BYTES;
    private static final int LENGTH = FLAGS + Integer.BYTES;
    private static final int WRITTEN = 1;

    private ExtentFormat() {}

    static byte[] encode(Extent extent) {
        return ByteBuffer.allocate(LENGTH)
                .putLong(PHYSICAL_BLOCK, extent.physicalBlock())
                .putLong(BLOCK_COUNT, extent.blockCount())
                .putInt(FLAGS, extent.written() ? WRITTEN : 0)
                .array();
    }

    static Extent decode(byte[] key, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        return new Extent(
                RecordKey.second(key),
                bytes.getLong(PHYSICAL_BLOCK),
                bytes.getLong(BLOCK_COUNT),
                (bytes.getInt(FLAGS) & WRITTEN) != 0);
    }
}
