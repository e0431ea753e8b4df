package samepage.block;

import java.lang.foreign.MemorySegment;

/** The bytes of a device that a call is about, checked against the device's bounds. */
record BlockRequest(long offsetBytes, long lengthBytes) {

    /** @throws IllegalArgumentException where the buffer is not a whole number of blocks */
    static BlockRequest of(BlockDevice device, long blockIndex, MemorySegment buffer) {
        if (buffer.byteSize() % device.blockSize() != 0) {
            throw new IllegalArgumentException(
                    "not whole blocks: bytes=" + buffer.byteSize() + " blockSize=" + device.blockSize());
        }
        return of(device, blockIndex, buffer.byteSize() / device.blockSize());
    }

    /** @throws IndexOutOfBoundsException where the range is not within the device */
    static BlockRequest of(BlockDevice device, long blockIndex, long blockCount) {
        if (blockIndex < 0 || blockCount < 0 || blockIndex > device.blockCount() - blockCount) {
            throw new IndexOutOfBoundsException("outside the device: block=" + blockIndex + " count=" + blockCount
                    + " deviceBlocks=" + device.blockCount());
        }
        return new BlockRequest(blockIndex * device.blockSize(), blockCount * device.blockSize());
    }

    /** @throws IllegalArgumentException where no device can have blocks of this size */
    static int checkedBlockSize(int blockSize) {
        if (blockSize < 512 || Integer.bitCount(blockSize) != 1) {
            throw new IllegalArgumentException("not a power of two from 512 on: blockSize=" + blockSize);
        }
        return blockSize;
    }
}
