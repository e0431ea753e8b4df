package samepage.dedupe;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * Runs that wait for longer ones: the longest saves the most and goes first. They wait until they are too many, or until too
 * much time has passed to lose it all to a kill. Where the target allows it, those that have waited are shared while the scan
 * goes on and others come to wait.
 */
/*
 * One batch is shared after the other, so that a run is always shared after those that remap its source: these were found
 * before it (D1), hence are in the same batch or in an earlier one. A batch that has been shared aside still answers `remaps`
 * until the scan has been told to forget what it has read of files.
 */
final class WaitingRuns implements AutoCloseable {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final DedupeTarget target;
    private final FingerprintIndex index;
    private final RunSharing sharing;
    private final Tally tally;
    private final int runsAside;
    private final long maxBytes;
    private final long maxNanos;
    private final ExecutorService sharer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("samepage-dedupe-aside").factory());
    private RunBatch waiting;
    private RunBatch aside;
    private @Nullable Future<@Nullable Void> sharingAside;
    private long sinceNanos = System.nanoTime();

    WaitingRuns(DedupeTarget target, FingerprintIndex index, RunSharing sharing, FinderOptions options, Tally tally) {
        this.target = target;
        this.index = index;
        this.sharing = sharing;
        this.waiting = new RunBatch(options.maxWaitingRuns());
        this.aside = new RunBatch(options.maxWaitingRuns());
        this.tally = tally;
        this.runsAside = options.runsAside();
        this.maxBytes = options.maxWaitingBytes();
        this.maxNanos = options.maxWaitingSeconds() * NANOS_PER_SECOND;
    }

    /** Takes the run; true where it, or others, have been shared meanwhile: what was read of files may be of old. */
    boolean add(RangePair run) throws IOException {
        waiting.add(run);
        tally.found(run);
        boolean isFull = waiting.isFull() || waiting.bytes() >= maxBytes;
        if (runsAside > 0 && (isFull || (waiting.size() >= runsAside && isAsideDone()))) {
            return shareAside();
        }
        if (isFull) {
            shareAll();
        }
        return isFull;
    }

    /** True where a run that was taken is going to remap a part of the range, or has since the scan last forgot. */
    boolean remaps(long file, long offset, long lengthBytes) {
        return waiting.remaps(file, offset, lengthBytes) || aside.remaps(file, offset, lengthBytes);
    }

    /**
     * The scan has come to that block of that file, and all runs before it have been added. True where runs have been shared,
     * as of {@link #add}.
     */
    boolean reached(DedupeTarget.File file, long block) throws IOException {
        if (System.nanoTime() - sinceNanos < maxNanos && !target.isFull()) {
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

    /** Has all runs shared, and waits for that. */
    void shareAll() throws IOException {
        awaitAside();
        sharing.share(waiting);
        waiting.clear();
    }

    private boolean isAsideDone() {
        return sharingAside == null || sharingAside.isDone();
    }

    /** Has what waits shared while the scan goes on; waits for what was shared aside before. True where there was such. */
    private boolean shareAside() throws IOException {
        boolean wasAny = awaitAside();
        RunBatch toShare = waiting;
        waiting = aside;
        aside = toShare;
        sharingAside = sharer.submit(() -> {
            sharing.share(toShare);
            return null;
        });
        return wasAny;
    }

    private boolean awaitAside() throws IOException {
        Future<?> task = sharingAside;
        if (task == null) {
            return false;
        }
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VfsException(Errno.EINTR, "the finder was interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case Error error -> throw error;
                case RuntimeException mistake -> throw mistake;
                case null, default -> throw new IOException(e);
            }
        }
        sharingAside = null;
        aside.clear();
        return true;
    }

    /** Waits for what is shared aside. */
    @Override
    public void close() {
        sharer.close();
    }
}
