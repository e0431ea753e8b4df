package samepage.dedupe;

import java.io.IOException;
import samepage.errno.VfsException;
import samepage.remap.RemapOutcome;

/** Has runs shared, in requests of bounded length. */
final class RunSharing {
    /** Below so many blocks a range that differs is not looked at more closely. */
    private static final int SMALLEST_REQUEST_BLOCKS = 16;

    private final DedupeTarget target;
    private final long requestBytes;
    private final long smallestRequestBytes;
    private final Tally tally;

    RunSharing(DedupeTarget target, FinderOptions options, Tally tally) {
        this.target = target;
        this.requestBytes = options.requestBytes();
        this.smallestRequestBytes = Math.min(requestBytes, (long) SMALLEST_REQUEST_BLOCKS * target.blockSize());
        this.tally = tally;
    }

    /** Shares what is waiting, all of it or until the finder is cancelled. */
    void share(RunBatch waiting) throws IOException {
        for (int index : waiting.order()) {
            if (tally.isCancelled()) {
                return;
            }
            RangePair run = waiting.get(index);
            long end = tally.dealtWithBytes + run.lengthBytes();
            try {
                share(run);
            } catch (VfsException e) {
                tally.leftOut(run.targetFile(), e);
                tally.dealtWith(end - tally.dealtWithBytes);
            }
        }
    }

    /**
     * A request goes as far as its outcome says and no further. One that differs is halved until it is short enough to be
     * passed over: somebody has changed a part of the run, and the rest is still worth having.
     */
    private void share(RangePair run) throws IOException {
        long length = requestBytes;
        for (long done = 0; done < run.lengthBytes() && !tally.isCancelled(); ) {
            RangePair request = run.part(done, Math.min(length, run.lengthBytes() - done));
            RemapOutcome outcome = target.share(request);
            tally.held(outcome.held());
            if (outcome instanceof RemapOutcome.Same same && same.dedupedBytes() > 0) {
                tally.shared(same.dedupedBytes(), same.newlySharedBytes());
                done += same.dedupedBytes();
                length = Math.min(requestBytes, 2 * length);
            } else if (request.lengthBytes() > smallestRequestBytes) {
                length = wholeBlocks(request.lengthBytes() / 2);
            } else {
                tally.differed(request.lengthBytes());
                done += request.lengthBytes();
            }
        }
    }

    private long wholeBlocks(long bytes) {
        return Math.max(smallestRequestBytes, bytes - bytes % target.blockSize());
    }
}
