package samepage.dedupe;

import java.io.IOException;

/**
 * Runs that wait for longer ones: the longest saves the most and goes first. They wait until they are too many, until too
 * much time has passed to lose it all to a kill, or until what they span would no longer be in the host's page cache.
 */
final class WaitingRuns {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final DedupeTarget target;
    private final FingerprintIndex index;
    private final RunSharing sharing;
    private final RunBatch waiting;
    private final Tally tally;
    private final long maxBytes;
    private final long maxNanos;
    private long sinceNanos = System.nanoTime();

    WaitingRuns(
            DedupeTarget target, FingerprintIndex index, RunSharing sharing, FinderOptions options, Tally tally) {
        this.target = target;
        this.index = index;
        this.sharing = sharing;
        this.waiting = new RunBatch(options.maxWaitingRuns());
        this.tally = tally;
        this.maxBytes = options.maxWaitingBytes();
        this.maxNanos = options.maxWaitingSeconds() * NANOS_PER_SECOND;
    }

    /** Takes the run; true where it, and others, have been shared meanwhile: what was read of files may be of old. */
    boolean add(RangePair run) throws IOException {
        waiting.add(run);
        tally.found(run);
        if (!waiting.isFull() && waiting.bytes() < maxBytes) {
            return false;
        }
        shareAll();
        return true;
    }

    /** True where a run that was taken and waits is going to remap a part of the range. */
    boolean remaps(long file, long offset, long lengthBytes) {
        return waiting.remaps(file, offset, lengthBytes);
    }

    /**
     * The scan has come to that block of that file, and all runs before it have been added. True where runs have been shared,
     * as of {@link #add}.
     */
    boolean reached(DedupeTarget.File file, long block) throws IOException {
        if (System.nanoTime() - sinceNanos < maxNanos) {
            return false;
        }
        shareAll();
        if (tally.isCancelled()) {
            return true;
        }
        remember(file, block);
        sinceNanos = System.nanoTime();
        return true;
    }

    /** Keeps for later runs what has been found so far; nothing waits. */
    void remember(DedupeTarget.File file, long endBlock) throws IOException {
        if (index.isKept()) {
            index.save();
            target.remember(file, endBlock);
        }
    }

    void shareAll() throws IOException {
        sharing.share(waiting);
        waiting.clear();
    }
}
