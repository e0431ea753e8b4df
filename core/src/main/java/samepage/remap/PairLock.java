package samepage.remap;

import java.util.function.BiFunction;
import samepage.inode.Inode;
import samepage.inode.LayoutLeases;
import samepage.inode.LayoutLeases.Use;
import samepage.inode.RangeWatch.BlockRange;

/** The proof that locks of both files of a request are held. Whoever takes one as an argument cannot be called unlocked. */
sealed interface PairLock extends AutoCloseable permits InodePairLock, WritebackPairLock {
    @Override
    void close();

    /**
     * Locks both files with no layout lease in the way (R7). Looked for under the locks; where there is one, the locks are
     * given back, for its holder may need them to return it, and it is recalled while none is granted anew.
     */
    static <L extends PairLock> L withoutLayouts(
            RemapRequest request, int blockSize, BiFunction<Inode, Inode, L> lock) {
        BlockRange ofSource = request.sourceBlocks(blockSize);
        BlockRange ofTarget = request.targetBlocks(blockSize);
        LayoutLeases sourceLeases = request.source().leases();
        LayoutLeases targetLeases = request.target().leases();
        L pair = lock.apply(request.source(), request.target());
        if (!sourceLeases.conflict(ofSource.from(), ofSource.to(), Use.CHANGE)
                && !targetLeases.conflict(ofTarget.from(), ofTarget.to(), Use.CHANGE)) {
            return pair;
        }
        pair.close();
        try (var _ = sourceLeases.holdOff();
                var _ = targetLeases.holdOff()) {
            sourceLeases.recall(ofSource.from(), ofSource.to(), Use.CHANGE);
            targetLeases.recall(ofTarget.from(), ofTarget.to(), Use.CHANGE);
            return lock.apply(request.source(), request.target());
        }
    }
}
