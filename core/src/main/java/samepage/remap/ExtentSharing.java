package samepage.remap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import samepage.inode.Inode;
import samepage.inode.RangeWatch.BlockRange;
import samepage.volume.Extent;
import samepage.volume.Transaction;

/** What of two ranges is shared already, and how the rest comes to be. */
final class ExtentSharing {
    private ExtentSharing() {}

    /** The parts of the range that are not the same blocks of the device, or holes on both sides, already. */
    static BlockOffsets notShared(Inode source, Inode target, BlockRangePair range) throws IOException {
        return notShared(
                source.extents().lookup(range.sourceFrom(), range.sourceEnd()),
                target.extents().lookup(range.targetFrom(), range.targetEnd()),
                range);
    }

    /** The same of what has been looked up. */
    static BlockOffsets notShared(List<Extent> source, List<Extent> target, BlockRangePair range) {
        List<Extent> ofSource = Extent.within(source, range.sourceFrom(), range.sourceEnd());
        List<Extent> ofTarget = Extent.within(target, range.targetFrom(), range.targetEnd());
        ofSource.removeIf(extent -> !extent.written());
        ofTarget.removeIf(extent -> !extent.written());
        var parts = new ArrayList<BlockRange>();
        int i = 0;
        int j = 0;
        for (long at = 0; at < range.blockCount(); ) {
            while (i < ofSource.size() && ofSource.get(i).endBlock() - range.sourceFrom() <= at) {
                i++;
            }
            while (j < ofTarget.size() && ofTarget.get(j).endBlock() - range.targetFrom() <= at) {
                j++;
            }
            var here = new Side(ofSource, i, range.sourceFrom(), at, range.blockCount());
            var there = new Side(ofTarget, j, range.targetFrom(), at, range.blockCount());
            long end = Math.min(here.end, there.end);
            if (here.physical != there.physical) {
                if (!parts.isEmpty() && parts.getLast().to() == at) {
                    parts.add(new BlockRange(parts.removeLast().from(), end));
                } else {
                    parts.add(new BlockRange(at, end));
                }
            }
            at = end;
        }
        return new BlockOffsets(parts);
    }

    /** Where one side's block at an offset lies, or -1 for a hole; the same holds on up to {@code end}. */
    private static final class Side {
        private static final long HOLE = -1;

        final long physical;
        final long end;

        Side(List<Extent> extents, int next, long rangeFrom, long at, long rangeBlocks) {
            if (next == extents.size()) {
                physical = HOLE;
                end = rangeBlocks;
                return;
            }
            Extent extent = extents.get(next);
            long start = extent.fileBlock() - rangeFrom;
            physical = start > at ? HOLE : extent.physicalBlock() + (at - start);
            end = start > at ? start : extent.endBlock() - rangeFrom;
        }
    }

    /** Maps the parts of the target to the source's blocks, all in one transaction. */
    static void share(Transaction transaction, WritebackPairLock pair, BlockRangePair range, BlockOffsets parts)
            throws IOException {
        for (BlockRange part : parts.runs()) {
            long from = range.sourceFrom() + part.from();
            long to = range.sourceFrom() + part.to();
            List<Extent> extents = pair.source().extents().lookup(from, to);
            pair.target().extents().share(transaction, extents, from, to, range.targetFrom() + part.from());
        }
        pair.target().extentsChanged(transaction);
    }

    /** The same with what has been looked up of the source: at least all that lies in the parts. */
    static void share(
            Transaction transaction,
            WritebackPairLock pair,
            BlockRangePair range,
            BlockOffsets parts,
            List<Extent> source)
            throws IOException {
        for (BlockRange part : parts.runs()) {
            long from = range.sourceFrom() + part.from();
            long to = range.sourceFrom() + part.to();
            List<Extent> extents = Extent.within(source, from, to);
            pair.target().extents().share(transaction, extents, from, to, range.targetFrom() + part.from());
        }
        pair.target().extentsChanged(transaction);
    }
}
