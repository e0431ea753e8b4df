package samepage.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLeases.Use;
import samepage.volume.Checksum;
import samepage.volume.PhysicalRun;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/**
 * Reads and writes past the pages. A write within the file shares the inode lock while it is submitted, and completes after
 * the lock is given back: whoever needs it out of the way holds the lock exclusive and drains {@link Inode#directIo}.
 * Completion takes neither inode nor invalidate lock, for their holder may be the one who drains.
 */
final class DirectIo {
    private final Volume volume;
    private final Writeback writeback;
    private final PageFill pageFill;
    private final int blockSize;

    DirectIo(Volume volume, Writeback writeback, PageFill pageFill) {
        this.volume = volume;
        this.writeback = writeback;
        this.pageFill = pageFill;
        this.blockSize = volume.blockSize();
    }

    /** Reads what the device has, after what is dirty has been written back; the end may come in mid-block. */
    int read(Inode inode, long offset, MemorySegment target) throws IOException {
        checkAligned(inode, offset, target.byteSize());
        long firstBlock = offset / blockSize;
        try (var _ = inode.lockShared(firstBlock, firstBlock + target.byteSize() / blockSize, Use.READ)) {
            long bytes = Math.min(target.byteSize(), inode.sizeBytes() - offset);
            if (bytes <= 0) {
                return 0;
            }
            long from = firstBlock;
            long to = from + (bytes + blockSize - 1) / blockSize;
            writeback.writeBack(inode, from, to);
            pageFill.read(inode, from, target.asSlice(0, (to - from) * blockSize));
            return (int) bytes;
        }
    }

    /**
     * Begins a write of whole blocks.
     *
     * @param source must stay as it is until the answer completes
     * @param executor what writes and completes: {@code Runnable::run} to have it done on return
     * @return completes with the bytes written once a read would see them; exceptionally with an IOException
     */
    CompletableFuture<Integer> write(Inode inode, long offset, MemorySegment source, Executor executor)
            throws IOException {
        checkAligned(inode, offset, source.byteSize());
        if (source.byteSize() == 0) {
            return CompletableFuture.completedFuture(0);
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        long from = offset / blockSize;
        long to = from + source.byteSize() / blockSize;
        try (var _ = inode.lockShared(from, to, Use.CHANGE)) {
            if (offset + source.byteSize() <= inode.sizeBytes()) {
                submit(inode, offset, source, executor, done);
                return done;
            }
        }
        try (var _ = inode.lockToChange(Math.min(from, inode.sizeBytes() / blockSize), to)) {
            inode.zeroPastEnd();
            submit(inode, offset, source, Runnable::run, done);
            return done;
        }
    }

    /** Takes space, makes the pages of the range clean, and leaves the rest to {@code executor}. */
    private void submit(
            Inode inode, long offset, MemorySegment source, Executor executor, CompletableFuture<Integer> done)
            throws IOException {
        long from = offset / blockSize;
        long to = from + source.byteSize() / blockSize;
        volume.promise(to - from);
        inode.directIo().begin();
        try {
            writeback.writeBack(inode, from, to);
            executor.execute(() -> finish(inode, from, to, source, done));
        } catch (Throwable e) {
            volume.redeem(to - from, 0);
            inode.directIo().end();
            throw e;
        }
    }

    /** Never throws: what goes wrong is in the answer, which is given when nothing is under way any more. */
    private void finish(Inode inode, long from, long to, MemorySegment source, CompletableFuture<Integer> done) {
        Throwable failed = null;
        try {
            writeBlocks(inode, from, to, source);
        } catch (Throwable e) {
            failed = e;
        }
        volume.redeem(to - from, failed == null ? to - from : 0);
        inode.directIo().end();
        if (failed == null) {
            done.complete((int) source.byteSize());
        } else {
            done.completeExceptionally(failed);
        }
    }

    private void writeBlocks(Inode inode, long from, long to, MemorySegment source) throws IOException {
        List<PhysicalRun> runs = volume.allocate(to - from);
        try {
            Checksum[][] sums = new Checksum[runs.size()][];
            long offset = 0;
            for (int i = 0; i < sums.length; i++) {
                long bytes = runs.get(i).blockCount() * blockSize;
                sums[i] = volume.write(runs.get(i), source.asSlice(offset, bytes));
                offset += bytes;
            }
            record(inode, from, to, runs, sums);
        } catch (Throwable e) {
            volume.abandon(runs);
            throw e;
        }
    }

    private void record(Inode inode, long from, long to, List<PhysicalRun> runs, Checksum[][] sums) throws IOException {
        // A writeback of the same blocks that is on its way ends before, or begins after and finds these extents; a
        // dedupe
        // that shares meanwhile finds the note with them.
        try (var _ = inode.writebackLock().lockExclusive()) {
            map(inode, from, to, runs, sums);
            inode.pages().dropClean(from, to);
            inode.contentChanged(from, to);
        }
    }

    private void map(Inode inode, long from, long to, List<PhysicalRun> runs, Checksum[][] sums) throws IOException {
        try (Transaction transaction = volume.begin()) {
            long block = from;
            for (int i = 0; i < sums.length; i++) {
                PhysicalRun run = runs.get(i);
                transaction.reference(run);
                transaction.recordChecksums(run.start(), sums[i]);
                inode.extents().map(transaction, block, run, true);
                block += run.blockCount();
            }
            inode.growTo(to * blockSize);
            Timestamp now = Timestamp.now();
            inode.update(record -> record.modifiedAt(now));
            inode.extentsWritten(transaction, to);
            transaction.complete();
        }
        volume.writtenFiles().note(inode.ino());
    }

    private void checkAligned(Inode inode, long offset, long length) throws VfsException {
        if (offset % blockSize != 0 || length % blockSize != 0) {
            throw new VfsException(Errno.EINVAL, "direct I/O must be aligned to blocks")
                    .with("inode", inode.ino())
                    .with("offset", offset)
                    .with("length", length);
        }
    }
}
