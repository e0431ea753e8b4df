package samepage.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import samepage.dedupe.DedupeTarget;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderMemory;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.dedupe.InodeSet;
import samepage.dedupe.VolumePasses;
import samepage.linux.fuse.FuseMount;
import samepage.volume.WrittenFiles;

/**
 * Shares duplicates while a volume is mounted, with one thread: whenever new content has come and rested a pass, first over all
 * the volume's checksums, then over those of the files that the content came to. Passes take a twentieth of the time at most.
 * They read no content but what is to be shared.
 */
final class BackgroundSharing implements AutoCloseable {
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    /** Content rests when nothing has been written for so long; what never rests is looked at after the longer time. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration ANEW_AFTER = Duration.ofDays(1);
    private static final int SHARE_OF_TIME = 20;
    private static final int CONTENTS_IN_MEMORY = 1 << 18;
    private static final long LEAST_REQUEST_BYTES = 256 << 10;
    private static final long FIRST_REQUEST_BYTES = 4 << 20;
    private static final long MOST_REQUEST_BYTES = 64 << 20;
    /** In the volume's directory: what the passes know of content, where memory does not suffice for it. */
    private static final String INDEX = "background-index";

    private final OpenVolume volume;
    private final FuseMount mount;
    private final Options options;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile boolean paused;
    private volatile boolean sharing;
    private volatile Totals totals = new Totals(0, 0, 0, 0, Duration.ZERO);

    private long requestBytes = FIRST_REQUEST_BYTES;

    /**
     * How it is to be done.
     *
     * @param maxStall how long a writer should wait at most; longer waits make the requests shorter
     * @param files which files are looked at
     */
    record Options(Duration maxStall, PathFilter files) {}

    /** What all passes together have done, and the longest that one of them can have kept a writer waiting. */
    record Totals(long passes, long scannedBlocks, long sharedBytes, long freedBytes, Duration longestStall) {
        Totals plus(FinderResult result) {
            return new Totals(
                    passes + 1,
                    scannedBlocks + result.scannedBlocks(),
                    sharedBytes + result.sharedBytes(),
                    freedBytes + Math.max(0, result.freedBytes()),
                    longestStall.compareTo(result.longestStall()) > 0 ? longestStall : result.longestStall());
        }
    }

    /** Begins. */
    BackgroundSharing(OpenVolume volume, FuseMount mount, Options options) {
        this.volume = volume;
        this.mount = mount;
        this.options = options;
        this.thread = Thread.ofPlatform().name("samepage-sharing").start(this::run);
    }

    Totals totals() {
        return totals;
    }

    /** What it is about: a word for people and programs. */
    String state() {
        return paused ? "paused" : sharing ? "sharing" : "waiting for new content";
    }

    /** Stops what is under way within moments, and begins nothing, until {@link #goOn}. */
    void pause() {
        paused = true;
    }

    /** Ends a pause. */
    void goOn() {
        paused = false;
    }

    private void run() {
        var _ = volume.volume().writtenFiles().take(); // from now on they are noted
        try {
            while (!stopped) {
                shareUntilFull();
            }
        } catch (InterruptedException e) {
            // Closed.
        } catch (IOException e) {
            System.err.println("samepage: no more is shared in the background: " + FailureText.whole(e));
        }
    }

    /** Passes with one memory: for a day, as copies whose first place has been written to since are not found any more. */
    private void shareUntilFull() throws IOException, InterruptedException {
        var index = volume.hostPath().resolve(INDEX);
        SharingPass.removeTree(index);
        try (var memory = new FinderMemory(() -> SharingPass.openIndex(index), CONTENTS_IN_MEMORY)) {
            var passes = new VolumePasses(volume.vfs(), OpenVolume.PRIVILEGED);
            var written = volume.volume().writtenFiles();
            boolean isFirstDone = false;
            long began = System.nanoTime();
            long nextPass = began;
            while (!stopped
                    && !passes.isFull()
                    && (passes.isFirst() || System.nanoTime() - began < ANEW_AFTER.toNanos())) {
                Thread.sleep(CHECK_INTERVAL);
                if (paused || System.nanoTime() < nextPass || written.isEmpty()) {
                    continue;
                }
                awaitRest();
                long started = System.nanoTime();
                if (isFirstDone) {
                    passOverNew(passes, written, memory);
                } else {
                    isFirstDone = passOverAll(passes, written, memory);
                }
                nextPass = System.nanoTime() + SHARE_OF_TIME * (System.nanoTime() - started);
            }
        } finally {
            SharingPass.removeTree(index);
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

    /** False where it has not come to the end: then another has to begin anew. */
    private boolean passOverAll(VolumePasses passes, WrittenFiles written, FinderMemory memory) {
        return passOver(written, _ -> {
            var all = options.files.isForAll() ? passes.all() : passes.all(options.files.filesOf(volume.volume()));
            return pass(all, memory);
        });
    }

    private void passOverNew(VolumePasses passes, WrittenFiles written, FinderMemory memory) {
        var _ = passOver(written, taken -> {
            var files = new InodeSet();
            var wanted = options.files.isForAll() ? null : options.files.filesOf(volume.volume());
            taken.stream().filter(ino -> wanted == null || wanted.contains(ino)).forEach(files::add);
            return files.size() == 0 || pass(passes.next(files), memory);
        });
    }

    /** Something to do about files that were written to; gives whether it was done to the end. */
    private interface Work {
        boolean with(Collection<Long> taken) throws IOException;
    }

    /** What is not done to the end is to be done again. */
    private boolean passOver(WrittenFiles written, Work work) {
        Collection<Long> taken = List.of();
        boolean isComplete = false;
        try {
            volume.vfs().sync();
            taken = written.take();
            isComplete = work.with(taken);
        } catch (IOException e) {
            // The disk is full, say, or the volume was stopped: whoever writes is told.
        } finally {
            if (!isComplete) {
                written.giveBack(taken);
            }
        }
        return isComplete;
    }

    private boolean pass(DedupeTarget target, FinderMemory memory) throws IOException {
        var finderOptions = FinderOptions.DEFAULT
                .withThreads(1)
                .withContentsInMemory(CONTENTS_IN_MEMORY)
                .withRequestBytes(requestBytes)
                .withMaxStall(options.maxStall);
        sharing = true;
        try {
            var result = SharingPass.share(Finder.remembering(memory), target, finderOptions, new Stop());
            totals = totals.plus(result);
            adapt(result.longestStall());
            return result.isComplete();
        } finally {
            sharing = false;
        }
    }

    /** A pass's first request is as long as the stalls of the pass before allow. */
    private void adapt(Duration longestStall) {
        if (longestStall.compareTo(options.maxStall) > 0) {
            requestBytes = Math.max(LEAST_REQUEST_BYTES, requestBytes / 2);
        } else if (longestStall.multipliedBy(4).compareTo(options.maxStall) < 0) {
            requestBytes = Math.min(MOST_REQUEST_BYTES, requestBytes * 2);
        }
    }

    private final class Stop implements FinderProgress {
        @Override
        public boolean isCancelled() {
            return stopped || paused;
        }
    }

    /** Ends, within moments, what is under way. */
    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        SharingPass.awaitEnd(thread);
    }
}
