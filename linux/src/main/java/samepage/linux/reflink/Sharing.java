package samepage.linux.reflink;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.BlockWindow;
import samepage.dedupe.RangePair;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostStat;
import samepage.remap.RemapOutcome;

/** Has the kernel share two ranges, after it has seen to it that the kernel need not wait for the disk while it compares. */
final class Sharing {
    private final List<TreeRoot> roots;
    private final TreeIndex index;
    private final int blockSize;
    private final @Nullable HoleFile hole;
    private final AtomicLong requests = new AtomicLong();

    Sharing(List<TreeRoot> roots, TreeIndex index, int blockSize, @Nullable HoleFile hole) {
        this.roots = roots;
        this.index = index;
        this.blockSize = blockSize;
        this.hole = hole;
    }

    /** How often the kernel was asked. */
    long requests() {
        return requests.get();
    }

    /** Begins to read both ranges into the page cache: the disk is busy while the kernel compares what comes before them. */
    void prefetch(RangePair ranges) throws IOException {
        prefetch(ranges.targetFile(), ranges.targetOffset(), ranges.lengthBytes());
        if (ranges.sourceFile() != BlockWindow.HOLE_FILE) {
            prefetch(ranges.sourceFile(), ranges.sourceOffset(), ranges.lengthBytes());
        }
    }

    private void prefetch(long id, long offset, long length) throws IOException {
        try (Opened file = open(id)) {
            file.file.prefetch(offset, length);
        }
    }

    RemapOutcome share(RangePair ranges) throws IOException {
        try (Opened target = open(ranges.targetFile())) {
            if (ranges.sourceFile() == BlockWindow.HOLE_FILE) {
                return shareHole(ranges, target);
            }
            try (Opened source = open(ranges.sourceFile())) {
                return share(ranges, source, target);
            }
        }
    }

    private RemapOutcome share(RangePair ranges, Opened source, Opened target) throws IOException {
        long length = shareableLength(ranges, source.stat.sizeBytes(), target.stat.sizeBytes());
        if (length == 0) {
            return new RemapOutcome.Differs(Duration.ZERO);
        }
        if (ranges.sourceOffset() == ranges.targetOffset() && source.stat.id().equals(target.stat.id())) {
            // Two names of one file, by which it was handed on twice.
            return new RemapOutcome.Same(length, 0, Duration.ZERO);
        }
        source.file.prefetch(ranges.sourceOffset(), length);
        target.file.prefetch(ranges.targetOffset(), length);
        try {
            return dedupe(source.file, ranges.sourceOffset(), target.file, ranges.targetOffset(), length);
        } catch (VfsException e) {
            return differsWhereChanged(e, source, target);
        }
    }

    private RemapOutcome shareHole(RangePair ranges, Opened target) throws IOException {
        long end = Math.min(ranges.targetOffset() + ranges.lengthBytes(), target.stat.sizeBytes());
        long length = Math.max(0, end - end % blockSize - ranges.targetOffset());
        if (hole == null || length == 0 || !hole.reaches(end)) {
            return new RemapOutcome.Differs(Duration.ZERO);
        }
        target.file.prefetch(ranges.targetOffset(), length);
        try {
            return dedupe(hole.file(), ranges.targetOffset(), target.file, ranges.targetOffset(), length);
        } catch (VfsException e) {
            return differsWhereChanged(e, target, target);
        } finally {
            hole.forgetPages(ranges.targetOffset(), length);
        }
    }

    /** One that has become shorter since its size was looked at is refused as if the request were wrong. */
    private static RemapOutcome differsWhereChanged(VfsException refusal, Opened one, Opened other)
            throws VfsException {
        if (refusal.errno() == Errno.EINVAL && (one.hasChanged() || other.hasChanged())) {
            return new RemapOutcome.Differs(Duration.ZERO);
        }
        throw refusal;
    }

    /** A file, and its status as it was looked at through this descriptor. */
    private record Opened(HostFile file, HostStat stat) implements AutoCloseable {
        boolean hasChanged() throws VfsException {
            HostStat now = file.stat();
            return now.sizeBytes() != stat.sizeBytes() || !now.changed().equals(stat.changed());
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** Opens a file of the index; it must be the same inode still. Read-only: to share is no write, and others may run it. */
    private Opened open(long id) throws IOException {
        TreeFile file = index.file(id);
        if (file == null) {
            throw new VfsException(Errno.ESTALE, "the file is not known any more").with("file", id);
        }
        HostFile opened = roots.get(file.root()).directory().openBelow(file.path());
        try {
            var stat = opened.stat();
            if (!stat.isRegular() || stat.id().inode() != file.inode()) {
                throw new VfsException(Errno.ESTALE, "another file has its name").with("path", opened.path());
            }
            return new Opened(opened, stat);
        } catch (VfsException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Whole blocks, and a part of one only where both files end in it: so far the kernel shares, and so far it reports
     * truly (K3).
     */
    private long shareableLength(RangePair ranges, long sourceSize, long targetSize) {
        long length = Math.min(
                ranges.lengthBytes(), Math.min(sourceSize - ranges.sourceOffset(), targetSize - ranges.targetOffset()));
        if (length <= 0) {
            return 0;
        }
        boolean endsBoth = ranges.sourceOffset() + length == sourceSize && ranges.targetOffset() + length == targetSize;
        return endsBoth ? length : length - length % blockSize;
    }

    private RemapOutcome dedupe(HostFile source, long sourceOffset, HostFile target, long targetOffset, long length)
            throws VfsException {
        requests.incrementAndGet();
        long start = System.nanoTime();
        long shared = source.dedupe(sourceOffset, target, targetOffset, length);
        var held = Duration.ofNanos(System.nanoTime() - start);
        return shared <= 0
                ? new RemapOutcome.Differs(held)
                : new RemapOutcome.Same(Math.min(shared, length), Math.min(shared, length), held);
    }
}
