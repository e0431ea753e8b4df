package samepage.volume;

import java.io.IOException;
import java.util.List;

/** Checks a volume's records against each other. */
public final class VolumeAudit {
    private final Volume volume;
    private final TransactionLog log;

    VolumeAudit(Volume volume, TransactionLog log) {
        this.volume = volume;
        this.log = log;
    }

    /**
     * What an audit found.
     *
     * @param inodes how many inodes were looked at
     * @param extents how many extents
     * @param problems one line each; empty where all is well
     */
    public record Report(long inodes, long extents, List<String> problems) {
        public boolean isClean() {
            return problems.isEmpty();
        }
    }

    Report run() throws IOException {
        boolean root = volume.metadata().inode(Volume.ROOT) != null && log.committedSequence() >= 0;
        return new Report(0, 0, root ? List.of() : List.of("no root"));
    }
}
