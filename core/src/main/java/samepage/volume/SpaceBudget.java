package samepage.volume;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import samepage.block.BlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * Promises of space: whoever makes a page dirty has its block promised before, so that writeback does not fail for want of
 * space where the write had succeeded. Bounded by the device and by what the host has left, of which a part is kept back
 * for metadata.
 */
final class SpaceBudget {
    private static final long SAMPLE_NANOS = 200_000_000;

    private final BlockDevice device;
    private final SpaceMap space;
    private final long headroomBytes;

    @GuardedBy("this") private long promised;

    /** Blocks written since the host was asked; its answer does not know of them. */
    @GuardedBy("this") private long takenSinceSample;

    @GuardedBy("this") private long hostBlocks;

    @GuardedBy("this") private long sampledAtNanos;

    /** @param headroomBytes what is left to others of what the device says is usable */
    SpaceBudget(BlockDevice device, SpaceMap space, long headroomBytes) throws IOException {
        this.device = device;
        this.space = space;
        this.headroomBytes = headroomBytes;
        synchronized (this) {
            sample();
        }
    }

    /**
     * Promises {@code blocks}, to be redeemed by {@link #redeem} or given back by it.
     *
     * @throws VfsException ENOSPC where there is no room for them
     */
    synchronized void promise(long blocks) throws IOException {
        if (!hasRoom(blocks) || System.nanoTime() - sampledAtNanos > SAMPLE_NANOS) {
            sample();
        }
        if (!hasRoom(blocks)) {
            throw new VfsException(Errno.ENOSPC, "no space left for the volume's data");
        }
        promised += blocks;
    }

    /** The promise of {@code blocks} ends; {@code written} of them have been taken on the device. */
    synchronized void redeem(long blocks, long written) {
        if (blocks > promised) {
            throw new IllegalStateException("redeemed=" + blocks + " promised=" + promised);
        }
        promised -= blocks;
        takenSinceSample += written;
    }

    /** Blocks that could be promised now. */
    synchronized long available() throws IOException {
        sample();
        return Math.max(0, Math.min(space.freeBlocks(), hostBlocks) - promised);
    }

    @GuardedBy("this") private boolean hasRoom(long blocks) {
        return promised + takenSinceSample + blocks <= hostBlocks && promised + blocks <= space.freeBlocks();
    }

    @GuardedBy("this") private void sample() throws IOException {
        hostBlocks = Math.max(0, device.usableBytes() - headroomBytes) / device.blockSize();
        takenSinceSample = 0;
        sampledAtNanos = System.nanoTime();
    }
}
