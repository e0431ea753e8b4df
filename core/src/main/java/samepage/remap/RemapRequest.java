package samepage.remap;

import samepage.inode.Inode;
import samepage.inode.RangeWatch.BlockRange;

/**
 * A range of one file that is to share, or be given, the storage of a range of another, or of another range of the same.
 * Offsets and length are bytes. A copy of what the caller asked for: it does not change while it is served.
 */
@SuppressWarnings("exports") // made by vfs for outsiders
public record RemapRequest(Inode source, long sourceOffset, Inode target, long targetOffset, long lengthBytes) {
    boolean isWithinOneFile() {
        return source == target;
    }

    /** The source blocks that serving it can touch. */
    BlockRange sourceBlocks(int blockSize) {
        return blocks(sourceOffset, blockSize);
    }

    /** The target blocks that serving it can touch. */
    BlockRange targetBlocks(int blockSize) {
        return blocks(targetOffset, blockSize);
    }

    private BlockRange blocks(long offset, int blockSize) {
        boolean open = lengthBytes == 0 || offset + lengthBytes < 0;
        return new BlockRange(offset / blockSize, open ? Long.MAX_VALUE : (offset + lengthBytes - 1) / blockSize + 1);
    }
}
