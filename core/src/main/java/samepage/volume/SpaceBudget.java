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

    /** Blocks written since the beginning. */
    @GuardedBy("this") private long taken;

    /** How many of them the host's answer may know of. */
    @GuardedBy("this") private long takenBeforeSample;

    @GuardedBy("this") private long hostBlocks;

    @GuardedBy("this") private long sampledAtNanos;

    /** @param headroomBytes what is left to others of what the device says is usable */
    SpaceBudget(BlockDevice device, SpaceMap space, long headroomBytes) throws IOException {
        this.device = device;
        this.space = space;
        this.headroomBytes = headroomBytes;
        sample();
    }

    /**
     * Promises {@code blocks}, to be redeemed by {@link #redeem} or given back by it.
     *
     * @throws VfsException ENOSPC where there is no room for them
     */
    void promise(long blocks) throws IOException {
        if (tryPromise(blocks, true)) {
            return;
        }
        sample();
        if (!tryPromise(blocks, false)) {
            throw new VfsException(Errno.ENOSPC, "no space left for the volume's data");
        }
    }

    private synchronized boolean tryPromise(long blocks, boolean onlyByFreshSample) {
        boolean fresh = System.nanoTime() - sampledAtNanos <= SAMPLE_NANOS;
        if ((onlyByFreshSample && !fresh) || !hasRoom(blocks)) {
            return false;
        }
        promised += blocks;
        return true;
    }

    /** The promise of {@code blocks} ends; {@code written} of them have been taken on the device. */
    synchronized void redeem(long blocks, long written) {
        if (blocks > promised) {
            throw new IllegalStateException("redeemed=" + blocks + " promised=" + promised);
        }
        promised -= blocks;
        taken += written;
    }

    /** Blocks that could be promised now. */
    long available() throws IOException {
        sample();
        synchronized (this) {
            return Math.max(0, Math.min(space.freeBlocks(), hostBlocks) - promised);
        }
    }

    @GuardedBy("this") private boolean hasRoom(long blocks) {
        return promised + (taken - takenBeforeSample) + blocks <= hostBlocks && promised + blocks <= space.freeBlocks();
    }

    /** Asks the host, without keeping anybody waiting who makes a promise meanwhile. */
    private void sample() throws IOException {
        long before;
        synchronized (this) {
            before = taken;
        }
        long blocks = Math.max(0, device.usableBytes() - headroomBytes) / device.blockSize();
        synchronized (this) {
            hostBlocks = blocks;
            takenBeforeSample = before;
            sampledAtNanos = System.nanoTime();
        }
    }
}
