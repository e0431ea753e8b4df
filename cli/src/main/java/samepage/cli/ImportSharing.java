package samepage.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.DedupeTarget;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderMemory;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.dedupe.InodeSet;
import samepage.dedupe.VolumePasses;

/**
 * Shares what an import brings while it goes on, with a thread of its own: a pass over what the volume had, then passes over the
 * files that were copied meanwhile. The import waits where a pass's worth of files is copied before the pass at work has ended, so
 * that a volume takes little more room on the way than in the end.
 */
final class ImportSharing implements ImportedFiles, AutoCloseable {
    private static final long PASS_BYTES = 512L << 20;
    private static final long PASS_FILES = 1 << 15;
    private static final long CHECK_MILLIS = 50;

    private final OpenVolume volume;
    private final Progress progress;
    private final LeftOut leftOut;
    private final long passBytesDue;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Copied, and in no pass yet. */
    private InodeSet waiting = new InodeSet();

    private long waitingBytes;
    private boolean isPassing = true;
    private boolean isHurried;
    private boolean isClosed;
    private boolean isEnded;
    private @Nullable Exception failure;

    private volatile boolean isRestBegun;
    private volatile Totals totals = Totals.NONE;
    private long savedAtLastRoom;

    /** What all passes together have done, and the longest that one of them can have kept the import waiting. */
    record Totals(long sharedBytes, long freedBytes, Duration longestStall) {
        static final Totals NONE = new Totals(0, 0, Duration.ZERO);

        Totals plus(FinderResult result, long freed) {
            return new Totals(
                    sharedBytes + result.sharedBytes(),
                    freedBytes + Math.max(0, freed),
                    longestStall.compareTo(result.longestStall()) > 0 ? longestStall : result.longestStall());
        }
    }

    /** Begins. */
    ImportSharing(OpenVolume volume, Progress progress, LeftOut leftOut) {
        this(volume, progress, leftOut, PASS_BYTES);
    }

    /** @param passBytesDue a pass begins when files of so many bytes wait for it, or {@link #PASS_FILES} files */
    ImportSharing(OpenVolume volume, Progress progress, LeftOut leftOut, long passBytesDue) {
        this.volume = volume;
        this.progress = progress;
        this.leftOut = leftOut;
        this.passBytesDue = passBytesDue;
        this.savedAtLastRoom = savedBytes();
        this.thread = Thread.ofPlatform().name("samepage-sharing").start(this::run);
    }

    Totals totals() {
        return totals;
    }

    @Override
    public void imported(long ino, long sizeBytes) throws IOException {
        lock.lock();
        try {
            waiting.add(ino);
            waitingBytes += sizeBytes;
            if (isPassDue()) {
                changed.signalAll();
            }
            await(() -> !isPassDue() || !isPassing);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean makeRoom() throws IOException {
        shareWaiting();
        var saved = savedBytes();
        var isMore = saved > savedAtLastRoom;
        savedAtLastRoom = saved;
        return isMore;
    }

    /** Shares what is left to share, once all has been copied. */
    void finish() throws IOException {
        progress.begin("sharing the rest");
        isRestBegun = true;
        shareWaiting();
    }

    private void shareWaiting() throws IOException {
        lock.lock();
        try {
            isHurried = true;
            changed.signalAll();
            await(() -> !isPassing && waiting.size() == 0);
            isHurried = false;
            // A pass that was stopped has ended, too.
            Interruption.check();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, with the lock, for that or for the end of all sharing. */
    private void await(BooleanSupplier isSo) throws IOException {
        try {
            while (!isSo.getAsBoolean() && !isEnded) {
                Interruption.check();
                var _ = changed.await(CHECK_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        throwFailure();
    }

    private void throwFailure() throws IOException {
        switch (failure) {
            case null -> {}
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private boolean isPassDue() {
        return waitingBytes >= passBytesDue || waiting.size() >= PASS_FILES || (isHurried && waiting.size() > 0);
    }

    private void run() {
        Exception ended = null;
        try {
            while (!isStopped()) {
                shareUntilFull();
            }
        } catch (IOException | RuntimeException e) {
            ended = e;
        }
        lock.lock();
        try {
            failure = ended;
            isEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isStopped() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }

    private void shareUntilFull() throws IOException {
        var index = volume.hostPath().resolve(SharingPass.INDEX);
        SharingPass.removeTree(index);
        try (var memory =
                new FinderMemory(() -> SharingPass.openIndex(index), SharingPass.OPTIONS.contentsInMemory())) {
            var passes = new VolumePasses(volume.vfs(), OpenVolume.PRIVILEGED);
            pass(passes.all(), memory);
            while (!passes.isFull()) {
                var files = nextFiles();
                if (files.size() == 0) {
                    return;
                }
                pass(passes.next(files), memory);
            }
        } finally {
            SharingPass.removeTree(index);
        }
    }

    /** The files of the next pass, once one is due; none where it is closed. */
    private InodeSet nextFiles() {
        lock.lock();
        try {
            isPassing = false;
            changed.signalAll();
            while (!isPassDue() && !isClosed) {
                changed.awaitUninterruptibly();
            }
            var files = isClosed ? new InodeSet() : waiting;
            isPassing = true;
            waiting = new InodeSet();
            waitingBytes = 0;
            return files;
        } finally {
            lock.unlock();
        }
    }

    private void pass(DedupeTarget target, FinderMemory memory) throws IOException {
        var before = savedBytes();
        var result = SharingPass.share(Finder.remembering(memory), target, SharingPass.OPTIONS, new Watch());
        totals = totals.plus(result, savedBytes() - before);
    }

    private long savedBytes() {
        return volume.volume().usage().savedBlocks() * volume.volume().blockSize();
    }

    private final class Watch implements FinderProgress {
        private final long sharedBefore = totals.sharedBytes();

        @Override
        public void scanning(long files, long ofFiles, long bytes) {
            if (isRestBegun) {
                progress.set(files, bytes);
            }
        }

        @Override
        public void sharing(long bytes, long ofBytes, long sharedBytes) {
            progress.shared(sharedBefore + sharedBytes);
        }

        @Override
        public void leftOut(long file, IOException reason) {
            SharingPass.leftOut(leftOut, file, reason);
        }

        @Override
        public boolean isCancelled() {
            return isStopped() || Interruption.isRequested();
        }
    }

    /** Ends, within moments, what is under way. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        SharingPass.awaitEnd(thread);
    }
}
