package samepage.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.pagecache.Folio;
import samepage.volume.Extent;

/** Reads and writes through pages. */
final class BufferedIo {
    private final PageFill pageFill;
    private final SpacePromises promises;
    private final int blockSize;
    private final BlockSize blocks;

    BufferedIo(PageFill pageFill, SpacePromises promises, BlockSize blocks) {
        this.pageFill = pageFill;
        this.promises = promises;
        this.blockSize = blocks.bytes();
        this.blocks = blocks;
    }

    /** Reads without a lock where pages are there; gives the bytes read, 0 at the end. */
    int read(Inode inode, long offset, MemorySegment target, ReadAhead readAhead) throws IOException {
        long end = offset + Math.min(target.byteSize(), inode.sizeBytes() - offset);
        if (offset >= end) {
            return 0;
        }
        long aheadEnd = offset + readAhead.window(offset, end - offset);
        long position = offset;
        while (position < end) {
            Folio folio = upToDateFolio(inode, position, end, aheadEnd);
            try {
                // Asked again now that the page is there: one that is filled after a truncation has zeros that no file
                // had.
                long stillEnd = Math.min(end, inode.sizeBytes());
                if (stillEnd <= position) {
                    break;
                }
                long folioEnd = upToDateEnd(folio, position, stillEnd);
                if (folioEnd > position) { // else its content has just been taken away: look for it anew
                    long within = position - folio.index() * blockSize;
                    MemorySegment.copy(folio.memory(), within, target, position - offset, folioEnd - position);
                    position = folioEnd;
                }
            } finally {
                folio.unpin();
            }
        }
        return (int) (position - offset);
    }

    private Folio upToDateFolio(Inode inode, long position, long end, long aheadEnd) throws IOException {
        long block = position / blockSize;
        Folio folio = inode.pages().find(block);
        if (folio != null) {
            if (folio.isUpToDate(block, block + 1)) {
                return folio;
            }
            folio.unpin();
        }
        long wantedEnd = Math.max(end, Math.min(aheadEnd, inode.sizeBytes()));
        return pageFill.fill(inode, block, blocks.upTo(wantedEnd) - block);
    }

    /** The first byte from {@code position} on that this folio does not have, at most {@code end}. */
    private long upToDateEnd(Folio folio, long position, long end) {
        long block = position / blockSize;
        long lastBlock = Math.min(folio.endIndex(), blocks.upTo(end));
        return Math.min(end, blocks.startOf(Math.min(lastBlock, folio.nextToFill(block))));
    }

    /**
     * Writes {@code source} at {@code offset}; the caller holds the inode lock exclusive.
     *
     * @throws VfsException ENOSPC where there is no room for any of it; what was written before it ran out is counted
     */
    int writeLocked(Inode inode, long offset, MemorySegment source) throws IOException {
        assert inode.inodeLock().isHeldExclusively();
        long end = offset + source.byteSize();
        if (end > inode.sizeBytes()) {
            inode.zeroPastEnd();
        }
        long position = offset;
        try {
            while (position < end) {
                position = writePiece(inode, position, end, source.asSlice(position - offset));
            }
        } catch (IOException e) {
            if (position == offset) {
                throw e;
            }
        }
        return (int) (position - offset);
    }

    /** Writes into one folio; gives the position after. */
    private long writePiece(Inode inode, long position, long end, MemorySegment source) throws IOException {
        long block = position / blockSize;
        Folio folio = folioToWrite(inode, position, end);
        try (var _ = folio.lock()) {
            long pieceEnd = Math.min(end, blocks.startOf(folio.endIndex()));
            if (!folio.isAttached() || !edgesAreUpToDate(folio, position, pieceEnd)) {
                return position;
            }
            long endBlock = blocks.upTo(pieceEnd);
            boolean promised = promises.promise(inode, folio, block, endBlock);
            folio.setDirty(block, endBlock, promised);
            MemorySegment.copy(source, 0, folio.memory(), position - folio.index() * blockSize, pieceEnd - position);
            folio.setUpToDate(block, endBlock);
            inode.growTo(pieceEnd);
            inode.contentChanged(block, endBlock);
            return pieceEnd;
        } finally {
            folio.unpin();
        }
    }

    /** A pinned folio for the write, its edges filled where the write covers them in part only. */
    private Folio folioToWrite(Inode inode, long position, long end) throws IOException {
        long block = position / blockSize;
        Folio folio = inode.pages().findOrCreate(block, blocks.upTo(end) - block);
        long pieceEnd = Math.min(end, blocks.startOf(folio.endIndex()));
        try {
            if (position % blockSize != 0 && !folio.isUpToDate(block, block + 1)) {
                pageFill.fill(inode, block, 1).unpin();
            }
            long last = pieceEnd / blockSize;
            if (pieceEnd % blockSize != 0 && !folio.isUpToDate(last, last + 1)) {
                pageFill.fill(inode, last, 1).unpin();
            }
            return folio;
        } catch (Throwable e) {
            folio.unpin();
            throw e;
        }
    }

    private boolean edgesAreUpToDate(Folio folio, long position, long pieceEnd) {
        long first = position / blockSize;
        long last = pieceEnd / blockSize;
        return (position % blockSize == 0 || folio.isUpToDate(first, first + 1))
                && (pieceEnd % blockSize == 0 || folio.isUpToDate(last, last + 1));
    }

    /**
     * Zeroes {@code [from, to)}, a part of one block; the caller holds inode and invalidate lock exclusive and has unmapped
     * the block. A hole stays one.
     */
    void zeroPartLocked(Inode inode, long from, long to) throws IOException {
        assert inode.invalidateLock().isHeldExclusively();
        long block = from / blockSize;
        // Busy first: what is not busy now stays so, and only then the extents say all there is.
        if (from == to || (inode.pages().firstBusy(block) != block && isHole(inode, block))) {
            return;
        }
        Folio folio = pageFill.fillInvalidateLocked(inode, block, 1);
        try (var _ = folio.lock()) {
            boolean promised = promises.promiseWhereRoom(folio, block, block + 1);
            folio.setDirty(block, block + 1, promised);
            folio.memory().asSlice(from - folio.index() * blockSize, to - from).fill((byte) 0);
            inode.contentChanged(block, block + 1);
        } finally {
            folio.unpin();
        }
    }

    private static boolean isHole(Inode inode, long block) throws IOException {
        return inode.extents().lookup(block, block + 1).stream().noneMatch(Extent::written);
    }
}
