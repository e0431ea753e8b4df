package samepage.dedupe;

import java.io.IOException;

/**
 * A file's blocks as the finder compares them, through a window that follows whoever asks and grows with him. A partial last
 * block's fingerprint is mixed with its length, so that it matches its like alone (D5).
 */
final class FileBlocks {
    private static final int LARGEST_WINDOW = 1024;
    private static final long TAIL_MIX = 0x9E3779B9L;

    private final DedupeTarget target;
    private final DedupeTarget.File file;
    private final long blockCount;
    private final int tailBytes;
    private final long tailMix;
    private final int firstCapacity;
    private BlockWindow window;

    /** @param blocksAtOnce how many to read where nothing tells that more will be wanted */
    FileBlocks(DedupeTarget target, DedupeTarget.File file, int blocksAtOnce) {
        this.target = target;
        this.file = file;
        this.blockCount = Math.ceilDiv(file.sizeBytes(), (long) target.blockSize());
        this.tailBytes = (int) (file.sizeBytes() % target.blockSize());
        this.tailMix = tailBytes * TAIL_MIX;
        this.firstCapacity = blocksAtOnce;
        this.window = new BlockWindow(Math.clamp(blockCount, 1, blocksAtOnce));
    }

    long id() {
        return file.id();
    }

    /** Blocks up to the file's end, the last one perhaps in part. */
    long blockCount() {
        return blockCount;
    }

    /** The bytes of blocks {@code [from, to)} that belong to the file. */
    long bytesBetween(long from, long to) {
        return Math.min(to * target.blockSize(), file.sizeBytes()) - from * target.blockSize();
    }

    /** Forgets what it has read of the file. */
    void forget() {
        window.clear();
    }

    /** The first block from {@code block} on that has data, or {@link #blockCount()}. */
    long nextData(long block) throws IOException {
        long next = block;
        while (next < blockCount) {
            load(next);
            next = window.nextData(next);
            if (next < window.end()) {
                return Math.min(next, blockCount);
            }
        }
        return blockCount;
    }

    /** The fingerprint's upper half; the block must have data. */
    long high(long block) throws IOException {
        load(block);
        return isTail(block) ? window.high(block) ^ (tailMix << Integer.SIZE) : window.high(block);
    }

    /** The fingerprint's lower half; the block must have data. */
    long low(long block) throws IOException {
        load(block);
        return low(window, block);
    }

    /** True where the block was looked at before as a part of another file. */
    boolean isSeen(long block) throws IOException {
        load(block);
        return window.high(block) == BlockWindow.SEEN;
    }

    /** True for a block that holds nothing but zeros, and takes storage for it. */
    boolean isZeros(long block) throws IOException {
        load(block);
        return window.place(block) == BlockWindow.ZEROS;
    }

    /** True where both blocks exist, have data, and the same fingerprint. */
    boolean matches(long block, FileBlocks other, long otherBlock) throws IOException {
        if (block < 0 || otherBlock < 0 || block >= blockCount || otherBlock >= other.blockCount) {
            return false;
        }
        load(block);
        other.load(otherBlock);
        return window.place(block) != BlockWindow.NO_DATA
                && other.window.place(otherBlock) != BlockWindow.NO_DATA
                && low(window, block) == other.low(other.window, otherBlock);
    }

    /** True where both blocks, which match, are known to be the same storage. */
    boolean sharesStorage(long block, FileBlocks other, long otherBlock) throws IOException {
        load(block);
        other.load(otherBlock);
        long place = window.place(block);
        return place >= 0 && place == other.window.place(otherBlock);
    }

    private long low(BlockWindow in, long block) {
        return isTail(block) ? in.low(block) ^ tailMix : in.low(block);
    }

    private boolean isTail(long block) {
        return tailBytes != 0 && block == blockCount - 1;
    }

    private void load(long block) throws IOException {
        if (!window.covers(block)) {
            move(block);
        }
    }

    /** A window that is followed on grows; one that jumps is small again, with some of what lies before the block. */
    private void move(long block) throws IOException {
        boolean upwards = block == window.end();
        boolean downwards = block == window.from() - 1;
        resize(upwards || downwards ? Math.min(LARGEST_WINDOW, 2 * window.capacity()) : firstCapacity);
        long before = upwards ? 0 : downwards ? window.capacity() - 1 : window.capacity() / 4;
        target.read(file, Math.max(0, block - before), window);
    }

    private void resize(int blocks) {
        int capacity = Math.clamp(blockCount, 1, blocks);
        if (capacity != window.capacity()) {
            window = new BlockWindow(capacity);
        }
    }
}
