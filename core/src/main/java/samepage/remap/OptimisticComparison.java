package samepage.remap;

import java.io.IOException;
import samepage.inode.RangeWatch;
import samepage.volume.Volume;

/**
 * The part of the optimistic protocol that needs no lock: compares, and compares again what changed meanwhile, until little
 * is left. Open from then until the share, so that it goes on noting what changes.
 */
final class OptimisticComparison implements AutoCloseable {
    private static final int MAX_ROUNDS = 3;

    /** What is left to compare under the locks when it is as little as this takes well under a millisecond. */
    private static final long LITTLE_BYTES = 1 << 20;

    private final RemapRequest request;
    private final BlockRangePair range;
    private final RangeWatch sourceWatch;
    private final RangeWatch targetWatch;
    private final Volume.Pin pin;
    private BlockOffsets left;

    @SuppressWarnings("MustBeClosedChecker")
    OptimisticComparison(Volume volume, RemapRequest request, BlockRangePair range) {
        this.request = request;
        this.range = range;
        this.sourceWatch = request.source().watch(range.sourceFrom(), range.sourceEnd());
        this.targetWatch = request.target().watch(range.targetFrom(), range.targetEnd());
        this.pin = volume.pin();
        this.left = BlockOffsets.all(range);
    }

    /** True where the ranges differ, and nothing changed while they were found to. */
    boolean differs(RangeComparison comparison, int blockSize, int threads) throws IOException {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            request.source().writeBack(range.sourceFrom(), range.sourceEnd());
            request.target().writeBack(range.targetFrom(), range.targetEnd());
            BlockOffsets toCompare = left.intersect(ExtentSharing.notShared(request.source(), request.target(), range));
            boolean different = comparison.differs(request, range, toCompare, RangeComparison.Pages.UNLOCKED, threads);
            BlockOffsets changed = takeChanged();
            if (different && changed.isEmpty()) {
                return true;
            }
            left = different ? BlockOffsets.all(range) : changed;
            if (left.blockCount() * blockSize <= LITTLE_BYTES) {
                return false;
            }
        }
        return false;
    }

    /** What has to be compared under the locks, which the caller holds: nothing changes any more. */
    BlockOffsets takeLeft() {
        BlockOffsets changed = takeChanged();
        return BlockOffsets.union(left.runs(), 0, changed.runs(), 0);
    }

    private BlockOffsets takeChanged() {
        return BlockOffsets.union(
                sourceWatch.takeChanged(), range.sourceFrom(), targetWatch.takeChanged(), range.targetFrom());
    }

    @Override
    public void close() {
        pin.close();
        targetWatch.close();
        sourceWatch.close();
    }
}
