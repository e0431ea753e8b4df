package samepage.dedupe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.remap.RemapOutcome;

/** Has runs shared, in requests of bounded length. */
final class RunSharing {
    /** Below so many blocks a range that differs is not looked at more closely. */
    private static final int SMALLEST_REQUEST_BLOCKS = 16;

    private final DedupeTarget target;
    private final RequestLength requestLength;
    private final long smallestRequestBytes;
    private final int threads;
    private final Tally tally;

    RunSharing(DedupeTarget target, FinderOptions options, Tally tally) {
        this.target = target;
        this.smallestRequestBytes =
                Math.min(options.requestBytes(), (long) SMALLEST_REQUEST_BLOCKS * target.blockSize());
        this.requestLength = new RequestLength(smallestRequestBytes, options.requestBytes(), options.maxStall());
        this.threads = options.threads();
        this.tally = tally;
    }

    /** Shares what is waiting, all of it or until the finder is cancelled. */
    void share(RunBatch waiting) throws IOException {
        RunBatch.Order order = waiting.order();
        shareSideBySide(waiting, order, 0, order.independentCount());
        shareSideBySide(waiting, order, order.independentCount(), order.sideBySideCount());
        share(waiting, order, order.sideBySideCount(), waiting.size());
    }

    private void share(RunBatch waiting, RunBatch.Order order, int from, int to) throws IOException {
        for (int i = from; i < to && !tally.isCancelled(); i++) {
            share(waiting.get(order.run(i)));
        }
    }

    /** Each worker takes the next run, in order: the longest are under way first. */
    private void shareSideBySide(RunBatch waiting, RunBatch.Order order, int from, int to) throws IOException {
        int workers = Math.min(threads, to - from);
        if (workers <= 1) {
            share(waiting, order, from, to);
            return;
        }
        var next = new AtomicInteger(from);
        var failed = new AtomicBoolean();
        Callable<@Nullable Void> worker = () -> {
            try {
                for (int i = next.getAndIncrement();
                        i < to && !failed.get() && !tally.isCancelled();
                        i = next.getAndIncrement()) {
                    share(waiting.get(order.run(i)));
                }
            } catch (Throwable e) {
                failed.set(true);
                throw e;
            }
            return null;
        };
        try (var executor = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("samepage-dedupe-", 0).factory())) {
            var working = new ArrayList<Future<@Nullable Void>>();
            for (int i = 0; i < workers; i++) {
                working.add(executor.submit(worker));
            }
            await(working, failed);
        }
    }

    /** Waits for all; an interrupted one has them stop. */
    private static void await(List<Future<@Nullable Void>> working, AtomicBoolean failed) throws IOException {
        for (Future<?> one : working) {
            try {
                one.get();
            } catch (InterruptedException e) {
                failed.set(true);
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
        }
    }

    /**
     * A request goes as far as its outcome says and no further. One that differs is halved until it is short enough to be
     * passed over: somebody has changed a part of the run, and the rest is still worth having.
     */
    private void share(RangePair run) throws IOException {
        long length = requestLength.bytes();
        long done = 0;
        try {
            while (done < run.lengthBytes() && !tally.isCancelled()) {
                RangePair request = run.part(done, Math.min(length, run.lengthBytes() - done));
                long after = done + request.lengthBytes();
                if (after < run.lengthBytes()) {
                    target.prepare(run.part(after, Math.min(length, run.lengthBytes() - after)));
                }
                RemapOutcome outcome = target.share(request);
                tally.held(outcome.held());
                requestLength.took(request.lengthBytes(), outcome.held());
                if (outcome instanceof RemapOutcome.Same same && same.dedupedBytes() > 0) {
                    tally.shared(same.dedupedBytes(), same.newlySharedBytes());
                    done += same.dedupedBytes();
                    length = Math.min(requestLength.bytes(), 2 * length);
                } else if (request.lengthBytes() > smallestRequestBytes) {
                    length = wholeBlocks(request.lengthBytes() / 2);
                } else {
                    tally.differed(request.lengthBytes());
                    done += request.lengthBytes();
                }
            }
        } catch (VfsException e) {
            tally.leftOut(run.targetFile(), e);
            tally.dealtWith(run.lengthBytes() - done);
        }
    }

    private long wholeBlocks(long bytes) {
        return Math.max(smallestRequestBytes, bytes - bytes % target.blockSize());
    }
}
