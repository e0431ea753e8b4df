package samepage.remap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import samepage.inode.Inode;
import samepage.inode.RangeWatch.BlockRange;
import samepage.lock.Courtesy;
import samepage.lock.RankedLock;
import samepage.pagecache.Folio;

/**
 * Compares two ranges byte by byte. What is in pages is compared there; the rest is read from the device past the pages,
 * for after writeback both say the same, and a compare should not push out what others use.
 *
 * <p>Under the file locks, each pair of folios is locked in ascending order, one folio once, and looked at again after
 * locking; a folio that has left its file by then is read anew. Without the file locks nothing is locked: a writer's change
 * is noted by the range's watch once it is made, so what was read before or in the middle of it is compared again.
 */
final class RangeComparison {
    /** Read from the device at once. */
    private static final int READ_BYTES = 1 << 20;

    /** Below this a second thread costs more than it saves. */
    private static final long BYTES_WORTH_A_THREAD = 8L << 20;

    /** Compared before others are let run: some 0.1 ms. */
    private static final long BYTES_IN_ONE_GO = 512 << 10;

    /** Two a thread that compares, as many threads as there are mostly. */
    private static final int MOST_BUFFERS_KEPT = 8;

    private final int blockSize;

    /** Memory to read into: fresh memory would have to be cleared, a page at a time, for each small file. */
    private final Queue<MemorySegment> buffers = new ConcurrentLinkedQueue<>();

    private final AtomicInteger buffersKept = new AtomicInteger();

    RangeComparison(int blockSize) {
        this.blockSize = blockSize;
    }

    /** Whether page locks are taken. */
    enum Pages {
        LOCKED,
        UNLOCKED
    }

    /** Where no block differs. */
    static final long SAME = -1;

    /** The offset of a block that differs in one of {@code parts} of the range, not always the first; or {@link #SAME}. */
    long findDifference(RemapRequest request, BlockRangePair range, BlockOffsets parts, Pages pages, int threads)
            throws IOException {
        int useful = (int) Math.min(threads, parts.blockCount() * blockSize / BYTES_WORTH_A_THREAD + 1);
        var different = new AtomicLong(SAME);
        if (useful <= 1) {
            compare(request, range, parts, pages, different);
            return different.get();
        }
        try (var executor = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("samepage-compare").factory())) {
            var halves = new ArrayList<Future<@Nullable Void>>();
            for (BlockOffsets part : parts.split(useful)) {
                Callable<@Nullable Void> half = () -> {
                    compare(request, range, part, pages, different);
                    return null;
                };
                halves.add(executor.submit(half));
            }
            for (Future<@Nullable Void> half : halves) {
                await(half);
            }
        }
        return different.get();
    }

    private static void await(Future<@Nullable Void> half) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    half.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof IOException io) {
                        throw io;
                    }
                    throw new IllegalStateException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void compare(
            RemapRequest request, BlockRangePair range, BlockOffsets parts, Pages pages, AtomicLong different)
            throws IOException {
        try (var source = new BlockReader(request.source());
                var target = new BlockReader(request.target())) {
            long sinceGivingWay = 0;
            for (BlockRange part : parts.runs()) {
                for (long block = part.from(); block < part.to(); ) {
                    if (different.get() != SAME) {
                        return;
                    }
                    long compared = compareNext(source, target, range, block, part.to(), pages);
                    if (compared < 0) {
                        different.set(block + ~compared);
                        return;
                    }
                    block += compared;
                    sinceGivingWay += compared * blockSize;
                    if (pages == Pages.UNLOCKED && sinceGivingWay >= BYTES_IN_ONE_GO) {
                        Courtesy.giveWay();
                        sinceGivingWay = 0;
                    }
                }
            }
        }
    }

    /**
     * Compares from block offset {@code from} on as far as both sides lie in one piece.
     *
     * @return how many blocks, which are the same, or {@code ~n} where the block n after {@code from} differs
     */
    private long compareNext(
            BlockReader source, BlockReader target, BlockRangePair range, long from, long to, Pages pages)
            throws IOException {
        long sourceBlock = range.sourceFrom() + from;
        long targetBlock = range.targetFrom() + from;
        source.moveTo(sourceBlock, to - from);
        target.moveTo(targetBlock, to - from);
        if (pages == Pages.UNLOCKED) {
            return compareHere(source, target, range, from);
        }
        try (var _ = FolioPairLock.lock(source.folio(), target.folio())) {
            if (!source.isStillThere() || !target.isStillThere()) {
                source.forget();
                target.forget();
            } else {
                return compareHere(source, target, range, from);
            }
        }
        return compareNext(source, target, range, from, to, pages);
    }

    private long compareHere(BlockReader source, BlockReader target, BlockRangePair range, long from) {
        long blocks = Math.min(source.blockCount(), target.blockCount());
        long bytes = Math.min(blocks * blockSize, range.bytes() - from * blockSize);
        long mismatch = MemorySegment.mismatch(source.memory(), 0, bytes, target.memory(), 0, bytes);
        return mismatch < 0 ? blocks : ~(mismatch / blockSize);
    }

    /** Holds the page locks of one or two folios, taken in ascending order of inode and index (races 1, 3, 4). */
    private record FolioPairLock(RankedLock.@Nullable Held first, RankedLock.@Nullable Held second)
            implements AutoCloseable {
        static FolioPairLock lock(@Nullable Folio one, @Nullable Folio other) {
            if (one == null || other == null || one == other) {
                Folio only = one == null ? other : one;
                return new FolioPairLock(only == null ? null : only.lock(), null);
            }
            boolean ascending = one.isBefore(other);
            RankedLock.Held first = (ascending ? one : other).lock();
            return new FolioPairLock(first, (ascending ? other : one).lock());
        }

        @Override
        public void close() {
            if (second != null) {
                second.close();
            }
            if (first != null) {
                first.close();
            }
        }
    }

    private MemorySegment takeBuffer() {
        MemorySegment buffer = buffers.poll();
        if (buffer == null) {
            return Arena.ofAuto().allocate(READ_BYTES, blockSize);
        }
        buffersKept.decrementAndGet();
        return buffer;
    }

    private void giveBack(MemorySegment buffer) {
        if (buffersKept.incrementAndGet() <= MOST_BUFFERS_KEPT) {
            buffers.add(buffer);
        } else {
            buffersKept.decrementAndGet();
        }
    }

    /** Stands at a run of one file's blocks in memory: a folio, pinned, or a buffer read from the device. */
    private final class BlockReader implements AutoCloseable {
        private final Inode inode;
        private @Nullable MemorySegment buffer;
        private @Nullable Folio folio;
        private MemorySegment memory = MemorySegment.NULL;
        private long from;
        private long to;

        BlockReader(Inode inode) {
            this.inode = inode;
        }

        /** Stands at {@code block}, with at least that block and at most {@code maxBlocks}. */
        void moveTo(long block, long maxBlocks) throws IOException {
            if (block >= from && block < to) {
                memory = memory.asSlice((block - from) * blockSize);
                from = block;
                return;
            }
            forget();
            Folio found = inode.pages().find(block);
            if (found != null && found.isUpToDate(block, block + 1)) {
                folio = found;
                to = Math.min(found.nextToFill(block), block + maxBlocks);
                memory = found.memoryOf(block, to);
            } else {
                if (found != null) {
                    found.unpin();
                }
                readFromDevice(block, maxBlocks);
            }
            from = block;
        }

        private void readFromDevice(long block, long maxBlocks) throws IOException {
            if (buffer == null) {
                buffer = takeBuffer();
            }
            // A dirty block is newer than the device: the read ends before it, and it is compared in its page.
            long clean = inode.pages().firstBusy(block + 1);
            to = Math.min(clean, block + Math.min(maxBlocks, buffer.byteSize() / blockSize));
            memory = buffer.asSlice(0, (to - block) * blockSize);
            inode.readFromDevice(block, memory);
        }

        MemorySegment memory() {
            return memory;
        }

        long blockCount() {
            return to - from;
        }

        @Nullable Folio folio() {
            return folio;
        }

        /** True where the content is still the file's: the folio has not been dropped, nor any of its blocks. */
        boolean isStillThere() {
            return folio == null || (folio.isAttached() && folio.isUpToDate(from, to));
        }

        void forget() {
            if (folio != null) {
                folio.unpin();
                folio = null;
            }
            to = from;
        }

        @Override
        public void close() {
            forget();
            if (buffer != null) {
                giveBack(buffer);
            }
        }
    }
}
