package samepage.volume;

import java.util.ArrayList;
import java.util.List;

/**
 * A run of a file's blocks and where it lies on the device.
 *
 * @param written false for blocks that are allocated but read as zeros
 */
public record Extent(long fileBlock, long physicalBlock, long blockCount, boolean written) {
    /** The first file block after it. */
    public long endBlock() {
        return fileBlock + blockCount;
    }

    /** The first physical block after it. */
    public long physicalEnd() {
        return physicalBlock + blockCount;
    }

    /** The part that lies in {@code [from, to)}; the two must overlap. */
    public Extent clip(long from, long to) {
        long start = Math.max(fileBlock, from);
        long end = Math.min(endBlock(), to);
        return new Extent(start, physicalBlock + (start - fileBlock), end - start, written);
    }

    boolean continuedBy(Extent next) {
        return endBlock() == next.fileBlock && physicalEnd() == next.physicalBlock && written == next.written;
    }

    /** Both in one; this one must be {@link #continuedBy} the other. */
    Extent joinedWith(Extent next) {
        return new Extent(fileBlock, physicalBlock, blockCount + next.blockCount, written);
    }

    /** What of the extents lies in {@code [from, to)}, clipped to it. A loop: each operation asks, from a JVM's first on. */
    public static List<Extent> within(List<Extent> extents, long from, long to) {
        var within = new ArrayList<Extent>(extents.size());
        for (Extent extent : extents) {
            if (extent.fileBlock < to && from < extent.endBlock()) {
                within.add(extent.fileBlock >= from && extent.endBlock() <= to ? extent : extent.clip(from, to));
            }
        }
        return within;
    }
}
