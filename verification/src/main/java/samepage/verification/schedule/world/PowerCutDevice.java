package samepage.verification.schedule.world;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import samepage.block.BlockDevice;

/** A small device whose writes are durable with the next flush, and lost by a power cut before. */
final class PowerCutDevice implements BlockDevice {
    private final int blockSize;
    private final long blockCount;
    private final Map<Long, byte[]> blocks;
    private final Map<Long, byte[]> durable;

    /** Written since the last flush, or while one was under way. */
    private final Set<Long> unflushed = new HashSet<>();

    PowerCutDevice(int blockSize, long blockCount) {
        this(blockSize, blockCount, new HashMap<>());
    }

    private PowerCutDevice(int blockSize, long blockCount, Map<Long, byte[]> durable) {
        this.blockSize = blockSize;
        this.blockCount = blockCount;
        this.durable = durable;
        this.blocks = new HashMap<>(durable);
    }

    /** What is left of it if the power fails now. */
    PowerCutDevice afterPowerCut() {
        return new PowerCutDevice(blockSize, blockCount, new HashMap<>(durable));
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blockCount() {
        return blockCount;
    }

    @Override
    public void read(long blockIndex, MemorySegment target) {
        for (long i = 0; i < target.byteSize() / blockSize; i++) {
            byte[] block = blocks.getOrDefault(blockIndex + i, new byte[blockSize]);
            MemorySegment.copy(MemorySegment.ofArray(block), 0, target, i * blockSize, blockSize);
        }
    }

    @Override
    public void write(long blockIndex, MemorySegment source) {
        for (long i = 0; i < source.byteSize() / blockSize; i++) {
            byte[] block = new byte[blockSize];
            MemorySegment.copy(source, i * blockSize, MemorySegment.ofArray(block), 0, blockSize);
            blocks.put(blockIndex + i, block);
            unflushed.add(blockIndex + i);
        }
    }

    @Override
    public void flush() {
        for (long block : unflushed) {
            byte[] content = blocks.get(block);
            if (content == null) {
                durable.remove(block);
            } else {
                durable.put(block, content);
            }
        }
        unflushed.clear();
    }

    @Override
    public void discard(long blockIndex, long count) {
        for (long block = blockIndex; block < blockIndex + count; block++) {
            blocks.remove(block);
            unflushed.add(block);
        }
    }

    @Override
    public long allocatedBytes() {
        return (long) blocks.size() * blockSize;
    }

    @Override
    public long usableBytes() {
        return (blockCount - blocks.size()) * blockSize;
    }

    @Override
    public void close() {}
}
