package samepage.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import samepage.inode.Inode;
import samepage.inode.RangeWatch.BlockRange;
import samepage.lock.Courtesy;
import samepage.lock.RankedLock;
import samepage.pagecache.Folio;
import samepage.volume.Checksum;
import samepage.volume.Extent;
import samepage.volume.InodeRecord;
import samepage.volume.PhysicalRun;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/**
 * One round of writeback: dirty pages of some inodes, copied, written to new blocks side by side, and recorded. Writers
 * wait neither for the copying nor for the device; what they dirty meanwhile is written in another round, which the
 * inodes' writeback locks keep behind this one.
 */
final class WritebackBatch implements AutoCloseable {
    private static final int MAX_PIECES = 2048;
    private static final int FOLIOS_AT_ONCE = 64;

    /** Copied at once: the shorter, the less is dirty again when it is done. */
    private static final int BLOCKS_AT_ONCE = 64;

    /** Recorded in one transaction: a commit waits for no more, nor does whoever begins one meanwhile. */
    private static final int PLACEMENTS_AT_ONCE = 64;

    /** Recorded, or finished, before others are let run: some 0.2 ms. */
    private static final int IN_ONE_GO = 8;

    private final Volume volume;
    private final StagingBuffers buffers;
    private final MemorySegment staging;
    private final Deque<RankedLock.Held> locks = new ArrayDeque<>();
    private final List<Piece> pieces = new ArrayList<>();
    private long stagedBytes;
    private boolean heldBack;

    /** Neighbouring dirty blocks of one folio, copied to the staging buffer. Keeps the folio pinned. */
    private record Piece(Inode inode, Folio folio, long from, long to, long offsetBytes, int promises) {
        long blockCount() {
            return to - from;
        }
    }

    /** Where a part of a piece goes. */
    private record Placement(Inode inode, long fileBlock, PhysicalRun run, boolean preallocated) {}

    WritebackBatch(Volume volume, StagingBuffers buffers) {
        this.volume = volume;
        this.buffers = buffers;
        this.staging = buffers.take();
    }

    /** Keeps other writeback of the inode out until the batch is closed. Inodes come in ascending order. */
    void lock(Inode inode) {
        locks.push(inode.writebackLock().lockExclusive());
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** True where a block has been left dirty because an I/O operation may be storing into it through a window. */
    boolean heldBack() {
        return heldBack;
    }

    /**
     * Copies dirty blocks of {@code [from, to)} of a locked inode, in order, as many as fit. A block under a writable window
     * is copied once the window has been taken away.
     *
     * @return the block to go on from, or {@code to} where all have been copied
     */
    long collect(Inode inode, long from, long to) {
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

    /** The block to go on from, in the folio where the batch is full, or the folio's end. */
    private long collect(Inode inode, Folio folio, long from, long to) {
        long end = Math.min(to, folio.endIndex());
        for (long block = from; block < end; ) {
            if (isFull()) {
                return block;
            }
            block = collectPart(inode, folio, block, Math.min(end, block + BLOCKS_AT_ONCE));
            Courtesy.giveWay();
        }
        return folio.endIndex();
    }

    private boolean isFull() {
        return stagedBytes == StagingBuffers.BYTES || pieces.size() == MAX_PIECES;
    }

    /**
     * Takes the dirty blocks of {@code [from, end)} under the page lock, copies them without it, and copies again what a
     * writer has changed in between: a block on the device is never half of one store and half of another, and a writer
     * does not wait for the copying, nor for a processor that this thread wants for it.
     *
     * @return the first dirty block that has not been looked at, or one after {@code end}
     */
    private long collectPart(Inode inode, Folio folio, long from, long end) {
        int first = pieces.size();
        long next;
        try (var _ = folio.lock()) {
            if (!folio.isAttached()) {
                return folio.endIndex();
            }
            next = take(inode, folio, from, end);
        }
        List<Piece> taken = pieces.subList(first, pieces.size());
        taken.forEach(piece -> copy(piece, piece.from, piece.to));
        if (!taken.isEmpty()) {
            try (var _ = folio.lock()) {
                taken.forEach(this::copyWhatIsDirtyAgain);
            }
        }
        return next;
    }

    private long take(Inode inode, Folio folio, long from, long end) {
        long block = folio.nextDirty(from);
        while (block < end && !isFull()) {
            long room = (StagingBuffers.BYTES - stagedBytes) / volume.blockSize();
            long runEnd = Math.min(Math.min(end, folio.dirtyRunEnd(block)), block + room);
            if (folio.takeWritability(block, runEnd)) {
                takeRun(inode, folio, new BlockRange(block, runEnd));
            } else {
                heldBack = true;
            }
            block = folio.nextDirty(runEnd);
        }
        return block;
    }

    private void takeRun(Inode inode, Folio folio, BlockRange run) {
        // In the page: clean, it must be what the device has when the file grows.
        pastEnd(inode, run.from(), folio.memoryOf(run.from(), run.to())).fill((byte) 0);
        folio.pin();
        int promises = folio.beginWriteback(run.from(), run.to());
        pieces.add(new Piece(inode, folio, run.from(), run.to(), stagedBytes, promises));
        stagedBytes += (run.to() - run.from()) * volume.blockSize();
    }

    private void copyWhatIsDirtyAgain(Piece piece) {
        for (long block = piece.folio.nextDirty(piece.from);
                block < piece.to;
                block = piece.folio.nextDirty(block + 1)) {
            copy(piece, block, block + 1);
        }
    }

    private void copy(Piece piece, long from, long to) {
        long offset = piece.offsetBytes + (from - piece.from) * volume.blockSize();
        MemorySegment copy = staging.asSlice(offset, (to - from) * volume.blockSize());
        copy.copyFrom(piece.folio.memoryOf(from, to));
        pastEnd(piece.inode, from, copy).fill((byte) 0);
    }

    /** What lies past the file's end of content from {@code block} on: maps may have stored there. */
    private MemorySegment pastEnd(Inode inode, long block, MemorySegment content) {
        long within = inode.sizeBytes() - block * volume.blockSize();
        return content.asSlice(Math.clamp(within, 0, content.byteSize()));
    }

    /**
     * Writes what has been collected and records it. Where that fails, all of it is dirty as before.
     */
    void write() throws IOException {
        List<PhysicalRun> allocated = new ArrayList<>();
        try {
            List<Placement> placements = place(allocated);
            List<Checksum[]> sums = writeBlocks(placements);
            for (int from = 0; from < placements.size(); ) {
                int to = Math.min(placements.size(), from + PLACEMENTS_AT_ONCE);
                record(placements.subList(from, to), sums.subList(from, to), allocated);
                Courtesy.giveWay();
                from = to;
            }
        } catch (Throwable e) {
            volume.abandon(allocated);
            pieces.forEach(this::fail);
            throw e;
        }
        for (int i = 0; i < pieces.size(); i++) {
            finish(pieces.get(i));
            giveWayAfter(i);
        }
        for (Inode inode : inodes()) {
            inode.pagesWritten();
            volume.writtenFiles().note(inode.ino());
        }
    }

    private static void giveWayAfter(int position) {
        if (position % IN_ONE_GO == IN_ONE_GO - 1) {
            Courtesy.giveWay();
        }
    }

    private List<Placement> place(List<PhysicalRun> allocated) throws IOException {
        var preallocated = new ArrayList<List<Extent>>();
        long wanted = 0;
        for (Piece piece : pieces) {
            List<Extent> own = unwritten(piece);
            preallocated.add(own);
            wanted += piece.blockCount()
                    - own.stream().mapToLong(Extent::blockCount).sum();
        }
        allocated.addAll(volume.allocate(wanted));
        var fresh = new RunSplitter(allocated);
        var placements = new ArrayList<Placement>();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            long block = piece.from;
            for (Extent own : preallocated.get(i)) {
                placeFresh(piece.inode, block, own.fileBlock(), fresh, placements);
                placements.add(new Placement(
                        piece.inode, own.fileBlock(), new PhysicalRun(own.physicalBlock(), own.blockCount()), true));
                block = own.endBlock();
            }
            placeFresh(piece.inode, block, piece.to, fresh, placements);
        }
        return placements;
    }

    /** Blocks that were allocated for the piece and never written are written where they are: nothing refers to them. */
    private static List<Extent> unwritten(Piece piece) throws IOException {
        if (!piece.inode.record().has(InodeRecord.FLAG_PREALLOCATED)) {
            return List.of();
        }
        return piece.inode.extents().lookup(piece.from, piece.to).stream()
                .filter(extent -> !extent.written())
                .toList();
    }

    private static void placeFresh(Inode inode, long from, long to, RunSplitter fresh, List<Placement> placements) {
        for (long block = from; block < to; ) {
            PhysicalRun run = fresh.next(to - block);
            placements.add(new Placement(inode, block, run, false));
            block += run.blockCount();
        }
    }

    /** Writes placements in the order of the staging buffer, neighbours in one go; gives each placement's checksums. */
    private List<Checksum[]> writeBlocks(List<Placement> placements) throws IOException {
        var sums = new ArrayList<Checksum[]>(placements.size());
        long offset = 0;
        for (int first = 0; first < placements.size(); ) {
            long start = placements.get(first).run.start();
            long end = placements.get(first).run.end();
            int next = first + 1;
            while (next < placements.size() && placements.get(next).run.start() == end) {
                end = placements.get(next++).run.end();
            }
            long bytes = (end - start) * volume.blockSize();
            Checksum[] all = volume.write(new PhysicalRun(start, end - start), staging.asSlice(offset, bytes));
            for (int i = first; i < next; i++) {
                PhysicalRun run = placements.get(i).run;
                int at = (int) (run.start() - start);
                sums.add(java.util.Arrays.copyOfRange(all, at, at + (int) run.blockCount()));
            }
            offset += bytes;
            first = next;
        }
        return sums;
    }

    /** @param allocated what is not referred to yet, in the order of the placements */
    private void record(List<Placement> placements, List<Checksum[]> sums, List<PhysicalRun> allocated)
            throws IOException {
        try (Transaction transaction = volume.begin()) {
            long fresh = placements.stream()
                    .filter(placement -> !placement.preallocated)
                    .mapToLong(placement -> placement.run.blockCount())
                    .sum();
            for (PhysicalRun run : takeFirst(allocated, fresh)) {
                transaction.reference(run);
            }
            for (int i = 0; i < placements.size(); i++) {
                Placement placement = placements.get(i);
                PhysicalRun run = placement.run;
                transaction.recordChecksums(run.start(), sums.get(i));
                var extents = placement.inode.extents();
                long end = placement.fileBlock + run.blockCount();
                if (placement.preallocated) {
                    extents.markWritten(transaction, placement.fileBlock, end);
                } else {
                    extents.map(transaction, placement.fileBlock, run, true);
                }
                placement.inode.extentsWritten(transaction, end);
                giveWayAfter(i);
            }
            transaction.complete();
        }
    }

    /** Takes the first {@code blocks} out of the runs. */
    private static List<PhysicalRun> takeFirst(List<PhysicalRun> runs, long blocks) {
        var taken = new ArrayList<PhysicalRun>();
        for (long missing = blocks; missing > 0; ) {
            PhysicalRun run = runs.removeFirst();
            long count = Math.min(missing, run.blockCount());
            taken.add(new PhysicalRun(run.start(), count));
            if (count < run.blockCount()) {
                runs.addFirst(new PhysicalRun(run.start() + count, run.blockCount() - count));
            }
            missing -= count;
        }
        return taken;
    }

    private void finish(Piece piece) {
        try (var _ = piece.folio.lock()) {
            piece.folio.endWriteback(piece.from, piece.to);
        }
        volume.redeem(piece.promises, piece.blockCount());
    }

    private void fail(Piece piece) {
        try (var _ = piece.folio.lock()) {
            piece.folio.writebackFailed(piece.from, piece.to, piece.promises);
        }
    }

    private Set<Inode> inodes() {
        var inodes = new LinkedHashSet<Inode>();
        pieces.forEach(piece -> inodes.add(piece.inode));
        return inodes;
    }

    @Override
    public void close() {
        pieces.forEach(piece -> piece.folio.unpin());
        buffers.give(staging);
        while (!locks.isEmpty()) {
            locks.pop().close();
        }
    }

    /** Hands out allocated runs in parts. */
    private static final class RunSplitter {
        private final List<PhysicalRun> runs;
        private int current;
        private long used;

        RunSplitter(List<PhysicalRun> runs) {
            this.runs = List.copyOf(runs);
        }

        PhysicalRun next(long wanted) {
            PhysicalRun run = runs.get(current);
            long count = Math.min(wanted, run.blockCount() - used);
            var part = new PhysicalRun(run.start() + used, count);
            used += count;
            if (used == run.blockCount()) {
                current++;
                used = 0;
            }
            return part;
        }
    }
}
