package samepage.dedupe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongSupplier;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What has been counted so far, and who is told of it: one thread at a time. */
final class Tally {
    /** Refusals that say nothing of the file they come with: what follows would be refused as well. */
    private static final Set<Errno> FATAL =
            EnumSet.of(Errno.ENOSPC, Errno.EROFS, Errno.EDQUOT, Errno.EINTR, Errno.EOPNOTSUPP);

    private final FinderProgress progress;
    private final LongSupplier ofFiles;
    private final long startNanos = System.nanoTime();

    @GuardedBy("this") private long files;

    @GuardedBy("this") private long logicalBytes;

    @GuardedBy("this") private long scannedBlocks;

    @GuardedBy("this") private long runs;

    @GuardedBy("this") private long runBytes;

    @GuardedBy("this") private long dealtWithBytes;

    @GuardedBy("this") private long sharedBytes;

    @GuardedBy("this") private long differedBytes;

    @GuardedBy("this") private long leftOut;

    @GuardedBy("this") private Duration longestStall = Duration.ZERO;

    Tally(FinderProgress progress, LongSupplier ofFiles) {
        this.progress = progress;
        this.ofFiles = ofFiles;
    }

    boolean isCancelled() {
        return progress.isCancelled();
    }

    /** A part of a file has been scanned: {@code blocks} with data, up to {@code offset}. */
    synchronized void scanned(long blocks, long offset) {
        scannedBlocks += blocks;
        progress.scanning(files, ofFiles.getAsLong(), logicalBytes + offset);
    }

    synchronized void scannedWhole(DedupeTarget.File file) {
        files++;
        logicalBytes += file.sizeBytes();
        progress.scanning(files, ofFiles.getAsLong(), logicalBytes);
    }

    synchronized void found(RangePair run) {
        runs++;
        runBytes += run.lengthBytes();
    }

    synchronized void shared(long bytes, long newlySharedBytes) {
        sharedBytes += newlySharedBytes;
        dealtWith(bytes);
    }

    synchronized void differed(long bytes) {
        differedBytes += bytes;
        dealtWith(bytes);
    }

    /** So much of the runs found needs no more work. */
    synchronized void dealtWith(long bytes) {
        dealtWithBytes += bytes;
        progress.sharing(dealtWithBytes, runBytes, sharedBytes);
    }

    synchronized void held(Duration stall) {
        if (stall.compareTo(longestStall) > 0) {
            longestStall = stall;
        }
    }

    /** Counts a refusal; throws it where it is not that file's alone. */
    synchronized void leftOut(long file, VfsException reason) throws IOException {
        if (FATAL.contains(reason.errno())) {
            throw reason;
        }
        leftOut++;
        progress.leftOut(file, reason);
    }

    synchronized FinderResult result(FingerprintIndex index, long freedBytes) throws IOException {
        return new FinderResult(
                files,
                logicalBytes,
                scannedBlocks,
                runs,
                runBytes,
                sharedBytes,
                freedBytes,
                differedBytes,
                leftOut,
                index.storedEntries(),
                index.storedBytes(),
                longestStall,
                Duration.ofNanos(System.nanoTime() - startNanos),
                !isCancelled());
    }
}
