package samepage.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import samepage.inode.Inode;
import samepage.io.StagedPart.Piece;
import samepage.lock.Courtesy;
import samepage.lock.RankedLock;
import samepage.pagecache.Folio;
import samepage.volume.Volume;

/**
 * One round of writeback: dirty pages of some inodes, copied, written to new blocks side by side, and recorded. Writers
 * wait neither for the copying nor for the device; what they dirty meanwhile is written in another round, which the
 * inodes' writeback locks keep behind this one. Of much that is dirty a part is on its way while the next one is copied.
 */
final class WritebackBatch implements AutoCloseable {
    /** As much is in memory twice; and others wait as long for the writeback locks. */
    private static final int MAX_PARTS = 4;

    private static final int MAX_PIECES = 2048;
    private static final int FOLIOS_AT_ONCE = 64;

    /** Copied at once: the shorter, the less is dirty again when it is done. */
    private static final int BLOCKS_AT_ONCE = 64;

    private final Volume volume;
    private final StagingBuffers buffers;
    private final Executor executor;
    private final Deque<RankedLock.Held> locks = new ArrayDeque<>();
    private final List<StagedPart> parts = new ArrayList<>();
    private StagedPart part;
    private int pieceCount;
    private boolean heldBack;
    private @Nullable IOException failure;

    /** @param executor writes to the device while more is copied */
    WritebackBatch(Volume volume, StagingBuffers buffers, Executor executor) {
        this.volume = volume;
        this.buffers = buffers;
        this.executor = executor;
        this.part = addPart();
    }

    private StagedPart addPart() {
        var added = new StagedPart(volume, buffers.take());
        parts.add(added);
        return added;
    }

    /** Keeps other writeback of the inode out until the batch is closed. Inodes come in ascending order. */
    void lock(Inode inode) {
        locks.push(inode.writebackLock().lockExclusive());
    }

    /** True where a block has been left dirty because an I/O operation may be storing into it through a window. */
    boolean heldBack() {
        return heldBack;
    }

    /**
     * Copies dirty blocks of {@code [from, to)} of a locked inode, in order, as many as fit, and begins to write each part
     * that is full. A block under a writable window is copied once the window has been taken away.
     *
     * @return the block to go on from, or {@code to} where all have been copied
     */
    long collect(Inode inode, long from, long to) {
        long position = collectPart(inode, from, to);
        while (position < to && pieceCount < MAX_PIECES && parts.size() < MAX_PARTS && submit(executor)) {
            part = addPart();
            position = collectPart(inode, position, to);
        }
        return position;
    }

    /** False where it fails: {@link #write} tells of that when it has seen to the parts before. */
    private boolean submit(Executor by) {
        try {
            part.submit(by);
            return true;
        } catch (IOException e) {
            failure = e;
            return false;
        }
    }

    private long collectPart(Inode inode, long from, long to) {
        long position = from;
        while (position < to) {
            List<Folio> folios = inode.pages().pinBusy(position, to, FOLIOS_AT_ONCE);
            for (int i = 0; i < folios.size(); i++) {
                Folio folio = folios.get(i);
                position = collect(inode, folio, Math.max(position, folio.index()), to);
                folio.unpin();
                if (position < Math.min(to, folio.endIndex())) {
                    folios.subList(i + 1, folios.size()).forEach(Folio::unpin);
                    return position;
                }
            }
            if (folios.size() < FOLIOS_AT_ONCE) {
                return to;
            }
        }
        return to;
    }

    /** The block to go on from, in the folio where the part is full, or the folio's end. */
    private long collect(Inode inode, Folio folio, long from, long to) {
        long end = Math.min(to, folio.endIndex());
        for (long block = from; block < end; ) {
            if (isPartFull()) {
                return block;
            }
            block = collectSome(inode, folio, block, Math.min(end, block + BLOCKS_AT_ONCE));
            Courtesy.giveWay();
        }
        return folio.endIndex();
    }

    private boolean isPartFull() {
        return part.roomBlocks() == 0 || pieceCount == MAX_PIECES;
    }

    /**
     * Takes the dirty blocks of {@code [from, end)} under the page lock, copies them without it, and copies again what a
     * writer has changed in between: a block on the device is never half of one store and half of another, and a writer
     * does not wait for the copying, nor for a processor that this thread wants for it.
     *
     * @return the first dirty block that has not been looked at, or one after {@code end}
     */
    private long collectSome(Inode inode, Folio folio, long from, long end) {
        int first = part.pieces().size();
        long next;
        try (var _ = folio.lock()) {
            if (!folio.isAttached()) {
                return folio.endIndex();
            }
            next = take(inode, folio, from, end);
        }
        List<Piece> taken = part.pieces().subList(first, part.pieces().size());
        taken.forEach(Piece::copy);
        if (!taken.isEmpty()) {
            try (var _ = folio.lock()) {
                taken.forEach(Piece::copyWhatIsDirtyAgain);
            }
        }
        return next;
    }

    private long take(Inode inode, Folio folio, long from, long end) {
        long block = folio.nextDirty(from);
        while (block < end && !isPartFull()) {
            long runEnd = Math.min(Math.min(end, folio.dirtyRunEnd(block)), block + part.roomBlocks());
            if (folio.takeWritability(block, runEnd)) {
                part.take(inode, folio, block, runEnd);
                pieceCount++;
            } else {
                heldBack = true;
            }
            block = folio.nextDirty(runEnd);
        }
        return block;
    }

    /**
     * Writes what has been collected and records it.
     *
     * @throws IOException the first failure, when all parts have been tried; what could not be written is dirty as before
     */
    void write() throws IOException {
        if (failure == null && !part.isEmpty()) {
            submit(parts.size() == 1 ? Runnable::run : executor);
        }
        for (StagedPart submitted : parts) {
            try {
                submitted.complete();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        for (StagedPart taken : parts) {
            taken.close();
            buffers.give(taken.staging());
        }
        while (!locks.isEmpty()) {
            locks.pop().close();
        }
    }
}
