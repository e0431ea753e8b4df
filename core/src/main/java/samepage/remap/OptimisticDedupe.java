package samepage.remap;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.RangeWatch;
import samepage.inode.RangeWatch.BlockRange;
import samepage.lock.Courtesy;
import samepage.remap.RangeComparison.Pages;
import samepage.volume.BlockPin;
import samepage.volume.Extent;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/**
 * One dedupe the optimistic way: compares with no lock held, and compares again what changed meanwhile, until little is
 * left; then, with both files locked, compares that little and knows whether the ranges are the same. What is the same is
 * shared in pieces, while writers go on: only where it has not changed since (R4) and is not dirty (R3). A store that comes
 * after that look is in a page, and brings blocks of its own when it is written back, which the writeback locks keep until
 * the piece is shared.
 *
 * <p>The ranges are watched from the beginning to the end, so that no change goes unnoticed; freed blocks are pinned, so
 * that what is compared on the device stays what it was.
 */
final class OptimisticDedupe implements AutoCloseable {
    /** Rounds of comparing unlocked; where still much is left, the compare becomes a locked one. */
    private static final int MAX_ROUNDS = 16;

    /** Writers are slowed down where more than this part of what was compared has changed meanwhile. */
    private static final int OUTPACED_PART = 16;

    /** Compared under the locks in a fraction of a millisecond, even by code that has never run before. */
    private static final long LITTLE_BYTES = 64 << 10;

    /** How often what is dirty is written back and tried again, as long as that has shared half of what was tried. */
    private static final int MAX_RETRIES = 2;

    /** After so long under the writeback locks they are given back, and the next piece is shared under new ones. */
    private static final long HOLD_NANOS = 1_000_000;

    /** After so long what is left stays unshared: whoever writes all the time has the writeback locks taken all the time. */
    private static final long SHARING_NANOS = 10_000_000_000L;

    /** Between two holds: the locks are not fair, and whoever has waited for them is not awake at once. */
    private static final long PAUSE_NANOS = 100_000;

    /** Looked up and shared at once. */
    private static final int EXTENTS_AT_ONCE = 16;

    private final Volume volume;
    private final RangeComparison comparison;
    private final RemapRequest request;
    private final BlockRangePair range;
    private final int threads;
    private final int blockSize;
    private final RangeWatch sourceWatch;
    private final RangeWatch targetWatch;
    private final BlockPin pin;

    /** Blocks that may have changed since they were last compared, as offsets. */
    private final BitSet unverified = new BitSet();

    /** What is to be shared, and has not been tried in this pass. */
    private final Deque<BlockRange> pieces = new ArrayDeque<>();

    /** What could not be shared in this pass, being dirty or unverified. */
    private final BitSet postponed = new BitSet();

    private long sharedBytes;

    @SuppressWarnings("MustBeClosedChecker")
    OptimisticDedupe(
            Volume volume, RangeComparison comparison, RemapRequest request, BlockRangePair range, int threads) {
        this.volume = volume;
        this.comparison = comparison;
        this.request = request;
        this.range = range;
        this.threads = threads;
        this.blockSize = volume.blockSize();
        this.sourceWatch = request.source().watch(range.sourceFrom(), range.sourceEnd());
        this.targetWatch = request.target().watch(range.targetFrom(), range.targetEnd());
        this.pin = volume.pin();
    }

    /** Empty where an end of a file has moved meanwhile, so that another range is to be compared: the locked way. */
    Optional<RemapOutcome> run() throws IOException {
        takeBusy(request.source(), range.sourceFrom());
        takeBusy(request.target(), range.targetFrom());
        ExtentSharing.notShared(request.source(), request.target(), range)
                .runs()
                .forEach(run -> unverified.set((int) run.from(), (int) run.to()));
        BlockOffsets toShare = BlockOffsets.of(unverified);
        if (differsUnlocked()) {
            return Optional.of(new RemapOutcome.Differs(Duration.ZERO));
        }
        if (!isRangeUnchanged()) { // asked without the locks too: a first time takes long in a JVM
            return Optional.empty();
        }
        Duration held;
        try (var pair = PairLock.withoutLayouts(request, blockSize, InodePairLock::new)) {
            long lockedNanos = System.nanoTime();
            pair.drainDirectIo();
            if (!isRangeUnchanged()) {
                return Optional.empty();
            }
            pair.takeWritability(range);
            boolean differs = differsLocked();
            held = Duration.ofNanos(System.nanoTime() - lockedNanos);
            if (differs) {
                return Optional.of(new RemapOutcome.Differs(held));
            }
        }
        pieces.addAll(toShare.runs());
        share(System.nanoTime() + SHARING_NANOS);
        return Optional.of(new RemapOutcome.Same(range.bytes(), sharedBytes, held));
    }

    private boolean isRangeUnchanged() throws IOException {
        return range.equals(RemapChecks.forDedupe(
                request, request.source().record(), request.target().record(), blockSize));
    }

    /** What was dirty when the watch began, or has become so: it may differ though the blocks below it are shared. */
    private void takeBusy(Inode inode, long rangeFrom) {
        long end = rangeFrom + range.blockCount();
        for (long block = inode.pages().firstBusy(rangeFrom);
                block < end;
                block = inode.pages().firstBusy(block)) {
            long idle = Math.min(end, inode.pages().firstIdle(block));
            unverified.set((int) (block - rangeFrom), (int) (idle - rangeFrom));
            block = idle;
        }
    }

    /**
     * True where the ranges differ in a block that did not change while it was compared. Compares what was not shared when the
     * extents were looked up, what was dirty before, and what has been noted since the watch began.
     */
    private boolean differsUnlocked() throws IOException {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            takeWritability();
            takeChanged();
            BlockOffsets toCompare = BlockOffsets.of(unverified);
            unverified.clear();
            long different = comparison.findDifference(request, range, toCompare, Pages.UNLOCKED, threads);
            takeChanged();
            if (different != RangeComparison.SAME) {
                if (!unverified.get((int) different)) {
                    return true;
                }
                toCompare.runs().forEach(run -> unverified.set((int) run.from(), (int) run.to()));
            }
            if ((long) unverified.cardinality() * blockSize <= LITTLE_BYTES) {
                return false;
            }
            if (unverified.cardinality() > toCompare.blockCount() / OUTPACED_PART) {
                sourceWatch.setOutpaced();
                targetWatch.setOutpaced();
            }
        }
        return false;
    }

    /** Under the locks: nothing changes any more. */
    private boolean differsLocked() throws IOException {
        takeChanged();
        BlockOffsets left = BlockOffsets.of(unverified);
        unverified.clear();
        return comparison.findDifference(request, range, left, Pages.LOCKED, threads) != RangeComparison.SAME;
    }

    private void takeChanged() {
        sourceWatch.takeChanged(unverified);
        targetWatch.takeChanged(unverified);
    }

    /** What has been stored through windows is told of; an I/O operation that keeps one keeps its pages dirty, too. */
    private void takeWritability() {
        request.source().pages().takeWritability(range.sourceFrom(), range.sourceEnd());
        request.target().pages().takeWritability(range.targetFrom(), range.targetEnd());
    }

    private void writeBack() throws IOException {
        request.source().writeBack(range.sourceFrom(), range.sourceEnd());
        request.target().writeBack(range.targetFrom(), range.targetEnd());
    }

    private void share(long untilNanos) throws IOException {
        sharePieces(untilNanos);
        int tried = Integer.MAX_VALUE;
        for (int retry = 0; retry < MAX_RETRIES && System.nanoTime() - untilNanos < 0; retry++) {
            if (postponed.isEmpty() || postponed.cardinality() > tried / 2) {
                return;
            }
            tried = postponed.cardinality();
            takeUpPostponed();
            sharePieces(untilNanos);
        }
    }

    private void sharePieces(long untilNanos) throws IOException {
        while (!pieces.isEmpty() && System.nanoTime() - untilNanos < 0) {
            try (var pair = PairLock.withoutLayouts(request, blockSize, WritebackPairLock::new)) {
                if (isRangeStillThere()) {
                    takeChanged();
                    new Hold(pair).sharePieces();
                } else {
                    pieces.clear();
                    postponed.clear();
                }
            }
            if (!pieces.isEmpty()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** After the verdict: a request that would be refused by now does not change anything any more. */
    private boolean isRangeStillThere() throws IOException {
        try {
            return isRangeUnchanged();
        } catch (VfsException e) {
            return false;
        }
    }

    /** Cleans and compares again what could not be shared; what differs now has been changed, and stays as it is. */
    private void takeUpPostponed() throws IOException {
        writeBack();
        takeWritability();
        takeChanged();
        BitSet toCompare = (BitSet) postponed.clone();
        toCompare.and(unverified);
        unverified.andNot(toCompare);
        for (BlockRange run : BlockOffsets.of(toCompare).runs()) {
            if (comparison.findDifference(request, range, BlockOffsets.of(run), Pages.UNLOCKED, 1)
                    != RangeComparison.SAME) {
                postponed.clear((int) run.from(), (int) run.to());
            }
        }
        pieces.addAll(BlockOffsets.of(postponed).runs());
        postponed.clear();
    }

    /** One time of holding both files' writeback locks. */
    private final class Hold {
        private final WritebackPairLock pair;
        private final long startNanos = System.nanoTime();

        Hold(WritebackPairLock pair) {
            this.pair = pair;
        }

        /** Shares pieces until there is none left, or the time is over. */
        void sharePieces() throws IOException {
            try (Transaction transaction = volume.begin()) {
                shareFirst(transaction, pieces.removeFirst()); // however long the locks took
                while (!pieces.isEmpty() && System.nanoTime() - startNanos < HOLD_NANOS) {
                    Courtesy.giveWay();
                    shareFirst(transaction, pieces.removeFirst());
                }
                transaction.complete();
            }
        }

        /** Shares the beginning of a piece, as far as it is of one kind, and puts the rest back. */
        private void shareFirst(Transaction transaction, BlockRange piece) throws IOException {
            int from = (int) piece.from();
            long postponedTo = Math.min(piece.to(), notSharableUntil(from));
            postponed.set(from, (int) postponedTo);
            long to = Math.min(piece.to(), sharableUntil((int) postponedTo));
            if (postponedTo < to) {
                to = share(transaction, postponedTo, to);
            }
            if (to < piece.to()) {
                pieces.addFirst(new BlockRange(to, piece.to()));
            }
        }

        /** The first block from {@code from} on that is verified, and clean on both sides; or one before it. */
        private long notSharableUntil(int from) {
            long verified = unverified.nextClearBit(from);
            long sourceClean = pair.source().pages().firstIdle(range.sourceFrom() + from) - range.sourceFrom();
            long targetClean = pair.target().pages().firstIdle(range.targetFrom() + from) - range.targetFrom();
            return Math.max(verified, Math.max(sourceClean, targetClean));
        }

        /** The first from {@code from} on that is not. */
        private long sharableUntil(int from) {
            int changed = unverified.nextSetBit(from);
            long verified = changed < 0 ? range.blockCount() : changed;
            long sourceClean = pair.source().pages().firstBusy(range.sourceFrom() + from) - range.sourceFrom();
            long targetClean = pair.target().pages().firstBusy(range.targetFrom() + from) - range.targetFrom();
            return Math.min(verified, Math.min(sourceClean, targetClean));
        }

        /** Shares blocks {@code [from, to)} as far as a few extents reach; gives the end. */
        private long share(Transaction transaction, long from, long to) throws IOException {
            List<Extent> ofSource = extents(pair.source(), range.sourceFrom(), from, to);
            List<Extent> ofTarget = extents(pair.target(), range.targetFrom(), from, to);
            long end = Math.min(reach(ofSource, range.sourceFrom(), to), reach(ofTarget, range.targetFrom(), to));
            BlockRangePair part = range.part(from, end, blockSize);
            BlockOffsets toShare = ExtentSharing.notShared(ofSource, ofTarget, part);
            ExtentSharing.share(transaction, pair, part, toShare, ofSource);
            sharedBytes += part.bytesOf(toShare, blockSize);
            return end;
        }

        private static List<Extent> extents(Inode inode, long rangeFrom, long from, long to) throws IOException {
            return inode.extents().lookup(rangeFrom + from, rangeFrom + to, EXTENTS_AT_ONCE);
        }

        private static long reach(List<Extent> extents, long rangeFrom, long to) {
            return extents.size() < EXTENTS_AT_ONCE ? to : extents.getLast().endBlock() - rangeFrom;
        }
    }

    @Override
    public void close() {
        pin.close();
        targetWatch.close();
        sourceWatch.close();
    }
}
