package samepage.remap;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import samepage.inode.RangeWatch.BlockRange;

/** Parts of a pair of ranges, as block offsets from their beginnings: sorted, apart from each other. */
record BlockOffsets(List<BlockRange> runs) {
    static BlockOffsets all(BlockRangePair range) {
        return new BlockOffsets(List.of(new BlockRange(0, range.blockCount())));
    }

    static BlockOffsets of(BlockRange run) {
        return new BlockOffsets(List.of(run));
    }

    /** The offsets that are set. */
    static BlockOffsets of(BitSet offsets) {
        var runs = new ArrayList<BlockRange>();
        for (int from = offsets.nextSetBit(0); from >= 0; ) {
            int to = offsets.nextClearBit(from);
            runs.add(new BlockRange(from, to));
            from = offsets.nextSetBit(to);
        }
        return new BlockOffsets(runs);
    }

    long blockCount() {
        return runs.stream().mapToLong(run -> run.to() - run.from()).sum();
    }

    boolean isEmpty() {
        return runs.isEmpty();
    }

    /** The runs cut into {@code parts} of about equal length, in order. */
    List<BlockOffsets> split(int parts) {
        long share = (blockCount() + parts - 1) / parts;
        var divided = new ArrayList<BlockOffsets>();
        var current = new ArrayList<BlockRange>();
        long room = share;
        for (BlockRange run : runs) {
            for (long from = run.from(); from < run.to(); ) {
                long to = Math.min(run.to(), from + room);
                current.add(new BlockRange(from, to));
                room -= to - from;
                from = to;
                if (room == 0) {
                    divided.add(new BlockOffsets(List.copyOf(current)));
                    current.clear();
                    room = share;
                }
            }
        }
        if (!current.isEmpty()) {
            divided.add(new BlockOffsets(List.copyOf(current)));
        }
        return divided;
    }
}
