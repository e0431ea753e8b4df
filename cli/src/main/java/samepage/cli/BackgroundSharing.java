package samepage.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.dedupe.VolumeDedupeTarget;
import samepage.linux.fuse.FuseMount;

/**
 * Shares duplicates while a volume is mounted: a pass over its checksums, with one thread, once new content has come and
 * rested. Passes take a twentieth of the time at most. They read no content but what is to be shared.
 */
final class BackgroundSharing implements AutoCloseable {
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    /** Content rests when nothing has been written for so long; what never rests is looked at after the longer time. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final int SHARE_OF_TIME = 20;
    private static final int CONTENTS_IN_MEMORY = 1 << 18;
    private static final long LEAST_REQUEST_BYTES = 256 << 10;
    private static final long FIRST_REQUEST_BYTES = 4 << 20;
    private static final long MOST_REQUEST_BYTES = 64 << 20;

    private final OpenVolume volume;
    private final FuseMount mount;
    private final Duration maxStall;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Totals totals = new Totals(0, 0, 0, Duration.ZERO);

    private long requestBytes = FIRST_REQUEST_BYTES;

    /** What all passes together have done, and the longest that one of them can have kept a writer waiting. */
    record Totals(long passes, long sharedBytes, long freedBytes, Duration longestStall) {
        Totals plus(FinderResult result) {
            return new Totals(
                    passes + 1,
                    sharedBytes + result.sharedBytes(),
                    freedBytes + Math.max(0, result.freedBytes()),
                    longestStall.compareTo(result.longestStall()) > 0 ? longestStall : result.longestStall());
        }
    }

    /**
     * Begins.
     *
     * @param maxStall how long a writer should wait at most; longer waits make the requests shorter
     */
    BackgroundSharing(OpenVolume volume, FuseMount mount, Duration maxStall) {
        this.volume = volume;
        this.mount = mount;
        this.maxStall = maxStall;
        this.thread = Thread.ofPlatform().name("samepage-sharing").start(this::run);
    }

    Totals totals() {
        return totals;
    }

    private void run() {
        long sharedUpTo = 0;
        var nextPass = System.nanoTime();
        try {
            while (!stopped) {
                Thread.sleep(CHECK_INTERVAL);
                long written = mount.writtenBytes();
                if (written == sharedUpTo || System.nanoTime() < nextPass) {
                    continue;
                }
                awaitRest();
                sharedUpTo = mount.writtenBytes();
                long started = System.nanoTime();
                pass();
                nextPass = System.nanoTime() + SHARE_OF_TIME * (System.nanoTime() - started);
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private void awaitRest() throws InterruptedException {
        long waitEnds = System.nanoTime() + LONGEST_WAIT.toNanos();
        long before;
        do {
            before = mount.writtenBytes();
            Thread.sleep(REST);
        } while (mount.writtenBytes() != before && System.nanoTime() < waitEnds);
    }

    private void pass() {
        var options = FinderOptions.DEFAULT
                .withThreads(1)
                .withContentsInMemory(CONTENTS_IN_MEMORY)
                .withRequestBytes(requestBytes);
        try {
            var target = VolumeDedupeTarget.of(volume.vfs(), OpenVolume.PRIVILEGED);
            var result = SharingPass.share(volume, target, options, new Stop());
            totals = totals.plus(result);
            adapt(result.longestStall());
        } catch (IOException e) {
            // The disk is full, say, or the volume was stopped: whoever writes is told.
        }
    }

    private void adapt(Duration longestStall) {
        if (longestStall.compareTo(maxStall) > 0) {
            requestBytes = Math.max(LEAST_REQUEST_BYTES, requestBytes / 2);
        } else if (longestStall.multipliedBy(4).compareTo(maxStall) < 0) {
            requestBytes = Math.min(MOST_REQUEST_BYTES, requestBytes * 2);
        }
    }

    private final class Stop implements FinderProgress {
        @Override
        public boolean isCancelled() {
            return stopped;
        }
    }

    /** Ends, within moments, what is under way. */
    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(1));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
