package samepage.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import samepage.inode.Inode;
import samepage.lock.Courtesy;
import samepage.pagecache.Folio;
import samepage.volume.Checksum;
import samepage.volume.Extent;
import samepage.volume.InodeRecord;
import samepage.volume.PhysicalRun;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** As much of a round of writeback as fits into one staging buffer: placed, written and recorded together. */
final class StagedPart implements AutoCloseable {
    /** Recorded in one transaction: a commit waits for no more, nor does whoever begins one meanwhile. */
    private static final int PLACEMENTS_AT_ONCE = 64;

    /** Recorded, or finished, before others are let run: some 0.2 ms. */
    private static final int IN_ONE_GO = 8;

    private final Volume volume;
    private final MemorySegment staging;
    private final List<Piece> pieces = new ArrayList<>();
    private final List<Placement> placements = new ArrayList<>();

    /** What is not referred to yet, in the order of the placements. */
    private final List<PhysicalRun> allocated = new ArrayList<>();

    /** On their way to the device, neighbouring placements together. */
    private final List<CompletableFuture<Checksum[]>> writes = new ArrayList<>();

    private long stagedBytes;

    /** Neighbouring dirty blocks of one folio and where they are copied to. Keeps the folio pinned. */
    record Piece(Inode inode, Folio folio, long from, long to, MemorySegment target, int promises) {
        long blockCount() {
            return to - from;
        }

        void copy() {
            copy(from, to);
        }

        void copyWhatIsDirtyAgain() {
            for (long block = folio.nextDirty(from); block < to; block = folio.nextDirty(block + 1)) {
                copy(block, block + 1);
            }
        }

        private void copy(long copiedFrom, long copiedTo) {
            long blockSize = target.byteSize() / blockCount();
            MemorySegment copy = target.asSlice((copiedFrom - from) * blockSize, (copiedTo - copiedFrom) * blockSize);
            copy.copyFrom(folio.memoryOf(copiedFrom, copiedTo));
            pastEnd(inode, copiedFrom * blockSize, copy).fill((byte) 0);
        }
    }

    /** Where a part of a piece goes. */
    private record Placement(Inode inode, long fileBlock, PhysicalRun run, boolean preallocated) {}

    StagedPart(Volume volume, MemorySegment staging) {
        this.volume = volume;
        this.staging = staging;
    }

    MemorySegment staging() {
        return staging;
    }

    List<Piece> pieces() {
        return pieces;
    }

    long roomBlocks() {
        return (StagingBuffers.BYTES - stagedBytes) / volume.blockSize();
    }

    /** Takes dirty blocks that there is room for, to be copied next; under the page lock. */
    void take(Inode inode, Folio folio, long from, long to) {
        // In the page: clean, it must be what the device has when the file grows.
        pastEnd(inode, from * volume.blockSize(), folio.memoryOf(from, to)).fill((byte) 0);
        folio.pin();
        int promises = folio.beginWriteback(from, to);
        long bytes = (to - from) * volume.blockSize();
        pieces.add(new Piece(inode, folio, from, to, staging.asSlice(stagedBytes, bytes), promises));
        stagedBytes += bytes;
    }

    /** What of content that begins at {@code offset} lies past the file's end: maps may have stored there. */
    private static MemorySegment pastEnd(Inode inode, long offset, MemorySegment content) {
        return content.asSlice(Math.clamp(inode.sizeBytes() - offset, 0, content.byteSize()));
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Finds blocks for what has been copied, and begins to write it there. Where that fails all is dirty as before. */
    void submit(Executor executor) throws IOException {
        try {
            place();
            writeBlocks(executor);
        } catch (Throwable e) {
            fail();
            throw e;
        }
    }

    private void place() throws IOException {
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
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            long block = piece.from;
            for (Extent own : preallocated.get(i)) {
                placeFresh(piece.inode, block, own.fileBlock(), fresh);
                placements.add(new Placement(
                        piece.inode, own.fileBlock(), new PhysicalRun(own.physicalBlock(), own.blockCount()), true));
                block = own.endBlock();
            }
            placeFresh(piece.inode, block, piece.to, fresh);
        }
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

    private void placeFresh(Inode inode, long from, long to, RunSplitter fresh) {
        for (long block = from; block < to; ) {
            PhysicalRun run = fresh.next(to - block);
            placements.add(new Placement(inode, block, run, false));
            block += run.blockCount();
        }
    }

    /** Writes placements in the order of the staging buffer, neighbours in one go. */
    private void writeBlocks(Executor executor) throws IOException {
        long offset = 0;
        for (int first = 0; first < placements.size(); ) {
            long start = placements.get(first).run.start();
            long end = placements.get(first).run.end();
            int next = first + 1;
            while (next < placements.size() && placements.get(next).run.start() == end) {
                end = placements.get(next++).run.end();
            }
            long bytes = (end - start) * volume.blockSize();
            writes.add(volume.write(new PhysicalRun(start, end - start), staging.asSlice(offset, bytes), executor));
            offset += bytes;
            first = next;
        }
    }

    /** Waits until all is written, and tells the extents; nothing where it has failed before, or has nothing to write. */
    void complete() throws IOException {
        if (placements.isEmpty()) {
            return;
        }
        try {
            record();
        } catch (Throwable e) {
            fail();
            throw e;
        }
        finish();
    }

    private void record() throws IOException {
        List<Checksum> sums = awaitWrites();
        int summed = 0;
        for (int from = 0; from < placements.size(); ) {
            int to = Math.min(placements.size(), from + PLACEMENTS_AT_ONCE);
            summed = record(placements.subList(from, to), sums, summed);
            Courtesy.giveWay();
            from = to;
        }
    }

    /** The checksums of all blocks, in the order of the placements. */
    private List<Checksum> awaitWrites() throws IOException {
        var sums = new ArrayList<Checksum>();
        try {
            for (CompletableFuture<Checksum[]> write : writes) {
                sums.addAll(Arrays.asList(write.join()));
            }
            return sums;
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** @return how many of the checksums have been recorded */
    private int record(List<Placement> some, List<Checksum> sums, int summed) throws IOException {
        int next = summed;
        try (Transaction transaction = volume.begin()) {
            long fresh = some.stream()
                    .filter(placement -> !placement.preallocated)
                    .mapToLong(placement -> placement.run.blockCount())
                    .sum();
            for (PhysicalRun run : takeAllocated(fresh)) {
                transaction.reference(run);
            }
            for (int i = 0; i < some.size(); i++) {
                Placement placement = some.get(i);
                PhysicalRun run = placement.run;
                int summedTo = next + (int) run.blockCount();
                transaction.recordChecksums(
                        run.start(), sums.subList(next, summedTo).toArray(Checksum[]::new));
                next = summedTo;
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
        return next;
    }

    /** Takes the first {@code blocks} out of what has been allocated. */
    private List<PhysicalRun> takeAllocated(long blocks) {
        var taken = new ArrayList<PhysicalRun>();
        for (long missing = blocks; missing > 0; ) {
            PhysicalRun run = allocated.removeFirst();
            long count = Math.min(missing, run.blockCount());
            taken.add(new PhysicalRun(run.start(), count));
            if (count < run.blockCount()) {
                allocated.addFirst(new PhysicalRun(run.start() + count, run.blockCount() - count));
            }
            missing -= count;
        }
        return taken;
    }

    private static void giveWayAfter(int position) {
        if (position % IN_ONE_GO == IN_ONE_GO - 1) {
            Courtesy.giveWay();
        }
    }

    private void finish() {
        var inodes = new LinkedHashSet<Inode>();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            try (var _ = piece.folio.lock()) {
                piece.folio.endWriteback(piece.from, piece.to);
            }
            volume.redeem(piece.promises, piece.blockCount());
            inodes.add(piece.inode);
            giveWayAfter(i);
        }
        for (Inode inode : inodes) {
            inode.pagesWritten();
            volume.writtenFiles().note(inode.ino());
        }
    }

    private void fail() {
        awaitDevice();
        volume.abandon(allocated);
        placements.clear();
        for (Piece piece : pieces) {
            try (var _ = piece.folio.lock()) {
                piece.folio.writebackFailed(piece.from, piece.to, piece.promises);
            }
        }
    }

    /** Until nothing is read from the buffer any more, nor written to the blocks. */
    private void awaitDevice() {
        writes.forEach(StagedPart::awaitEnd);
    }

    private static void awaitEnd(CompletableFuture<Checksum[]> write) {
        try {
            write.join();
        } catch (CompletionException e) {
            return; // told where the checksums are asked for
        }
    }

    @Override
    public void close() {
        awaitDevice();
        pieces.forEach(piece -> piece.folio.unpin());
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
