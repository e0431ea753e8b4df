package samepage.volume;

import java.nio.ByteBuffer;

/**
 * How a volume's blocks are used, exact at every moment.
 *
 * @param storedBlocks blocks that at least one extent maps
 * @param mappedBlocks blocks as the files see them: each counted as often as it is mapped
 * @param sharedBlocks blocks that more than one extent maps
 * @param inodeCount inodes there are, orphans included
 */
public record SpaceUsage(long storedBlocks, long mappedBlocks, long sharedBlocks, long inodeCount) {
    /** Blocks that sharing saves. */
    public long savedBlocks() {
        return mappedBlocks - storedBlocks;
    }

    /**
     * The accounting record, big-endian.
     *
     * <pre>
     *   0        8        16       24       32           40
     *   +--------+--------+--------+--------+------------+-----------+
     *   | stored | mapped | shared | inodes | next inode | high water|
     *   +--------+--------+--------+--------+------------+-----------+
     * </pre>
     */
    record Format(SpaceUsage usage, long nextInode, long highWater) {
        static final int LENGTH = 6 * Long.BYTES;

        byte[] encode() {
            return ByteBuffer.allocate(LENGTH)
                    .putLong(usage.storedBlocks)
                    .putLong(usage.mappedBlocks)
                    .putLong(usage.sharedBlocks)
                    .putLong(usage.inodeCount)
                    .putLong(nextInode)
                    .putLong(highWater)
                    .array();
        }

        static Format decode(byte[] value) {
            ByteBuffer bytes = ByteBuffer.wrap(value);
            return new Format(
                    new SpaceUsage(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong()),
                    bytes.getLong(),
                    bytes.getLong());
        }
    }
}
