package samepage.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import samepage.inode.Inode;
import samepage.inode.LayoutLeases.Use;
import samepage.pagecache.Folio;
import samepage.volume.Extent;
import samepage.volume.Volume;

/** Brings a file's content into pages. */
final class PageFill {
    private final Volume volume;

    PageFill(Volume volume) {
        this.volume = volume;
    }

    /**
     * The folio that covers {@code block}, pinned, with that block and what else it covers of {@code wantedBlocks} up to date.
     * Waits for whoever changes the file's mapping. Where somebody may be writing the block past the pages, that is recalled
     * first.
     */
    Folio fill(Inode inode, long block, long wantedBlocks) throws IOException {
        while (true) {
            try (var _ = inode.invalidateLock().lockShared()) {
                long end = inode.leases().firstConflict(block, block + wantedBlocks, Use.READ);
                if (end > block) {
                    return fillInvalidateLocked(inode, block, end - block);
                }
            }
            recall(inode, block, block + 1, Use.READ);
        }
    }

    /** Has leases given back that are in the way; the caller holds no lock and looks again under one. */
    static void recall(Inode inode, long from, long to, Use use) {
        try (var _ = inode.leases().holdOff()) {
            inode.leases().recall(from, to, use);
        }
    }

    /** The same for a caller that holds the invalidate lock. */
    Folio fillInvalidateLocked(Inode inode, long block, long wantedBlocks) throws IOException {
        while (true) {
            Folio folio = inode.pages().findOrCreate(block, wantedBlocks);
            try (var _ = folio.lock()) {
                if (folio.isAttached()) {
                    fillLocked(inode, folio, block, Math.min(folio.endIndex(), block + wantedBlocks));
                    return folio;
                }
            } catch (Throwable e) {
                folio.unpin();
                throw e;
            }
            folio.unpin();
        }
    }

    private void fillLocked(Inode inode, Folio folio, long from, long to) throws IOException {
        for (long block = folio.nextToFill(from); block < to; block = folio.nextToFill(block)) {
            long end = Math.min(to, folio.nextFilled(block));
            read(inode, block, folio.memoryOf(block, end));
            folio.setUpToDate(block, end);
        }
    }

    /** Reads content as the device has it: holes and blocks that are only allocated as zeros. */
    void read(Inode inode, long fileBlock, MemorySegment target) throws IOException {
        try (var _ = volume.pin()) { // direct writes and sharing put other blocks in their place at any moment
            readPinned(inode, fileBlock, target);
        }
    }

    private void readPinned(Inode inode, long fileBlock, MemorySegment target) throws IOException {
        int blockSize = volume.blockSize();
        long end = fileBlock + target.byteSize() / blockSize;
        long block = fileBlock;
        for (Extent extent : inode.extents().lookup(fileBlock, end)) {
            if (extent.written()) {
                zero(target, (block - fileBlock) * blockSize, (extent.fileBlock() - fileBlock) * blockSize);
                long bytes = extent.blockCount() * blockSize;
                volume.read(
                        extent.physicalBlock(), target.asSlice((extent.fileBlock() - fileBlock) * blockSize, bytes));
                block = extent.endBlock();
            }
        }
        zero(target, (block - fileBlock) * blockSize, target.byteSize());
    }

    private static void zero(MemorySegment target, long fromBytes, long toBytes) {
        target.asSlice(fromBytes, toBytes - fromBytes).fill((byte) 0);
    }
}
