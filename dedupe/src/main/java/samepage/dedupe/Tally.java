package samepage.dedupe;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What has been counted so far, and who is told. */
final class Tally {
    /** Refusals that say nothing of the file they come with: what follows would be refused as well. */
    private static final Set<Errno> FATAL = EnumSet.of(Errno.ENOSPC, Errno.EROFS, Errno.EDQUOT);

    final FinderProgress progress;
    final long startNanos = System.nanoTime();
    long ofFiles;
    long files;
    long logicalBytes;
    long scannedBlocks;
    long runs;
    long runBytes;
    long dealtWithBytes;
    long sharedBytes;
    long differedBytes;
    long leftOut;
    Duration longestStall = Duration.ZERO;

    Tally(FinderProgress progress) {
        this.progress = progress;
    }

    boolean isCancelled() {
        return progress.isCancelled();
    }

    void found(RangePair run) {
        runs++;
        runBytes += run.lengthBytes();
    }

    void scanned(long bytesOfFile) {
        progress.scanning(files, ofFiles, logicalBytes + bytesOfFile);
    }

    void scannedWhole(DedupeTarget.File file) {
        files++;
        logicalBytes += file.sizeBytes();
        scanned(0);
    }

    void shared(long bytes, long newlySharedBytes) {
        sharedBytes += newlySharedBytes;
        dealtWith(bytes);
    }

    void differed(long bytes) {
        differedBytes += bytes;
        dealtWith(bytes);
    }

    void dealtWith(long bytes) {
        dealtWithBytes += bytes;
        progress.sharing(dealtWithBytes, runBytes, sharedBytes);
    }

    void held(Duration stall) {
        if (stall.compareTo(longestStall) > 0) {
            longestStall = stall;
        }
    }

    /** Counts a refusal; throws it where it is not that file's alone. */
    void leftOut(long file, VfsException reason) throws IOException {
        if (FATAL.contains(reason.errno())) {
            throw reason;
        }
        leftOut++;
        progress.leftOut(file, reason);
    }

    FinderResult result(FingerprintIndex index, long freedBytes) throws IOException {
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
