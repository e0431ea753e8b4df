package samepage.io;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.Volume;

/** Brings dirty pages to the device: of one range for whoever asks, of many files in the background. */
final class Writeback implements AutoCloseable {
    private final Volume volume;
    private final StagingBuffers buffers;
    private final ExecutorService deviceThreads = Executors.newVirtualThreadPerTaskExecutor();

    Writeback(Volume volume, StagingBuffers buffers) {
        this.volume = volume;
        this.buffers = buffers;
    }

    /**
     * Writes back what is dirty in {@code [from, to)} when it is called. When it returns no page of the range is dirty or
     * on its way, unless somebody has dirtied one again.
     *
     * @throws VfsException EBUSY where an I/O operation stores into a mapped page at this moment
     */
    void writeBack(Inode inode, long from, long to) throws IOException {
        if (inode.pages().firstBusy(from) >= to) {
            return;
        }
        boolean heldBack = false;
        try {
            for (long position = from; position < to; ) {
                try (var batch = new WritebackBatch(volume, buffers, deviceThreads)) {
                    batch.lock(inode);
                    position = batch.collect(inode, position, to);
                    batch.write();
                    heldBack |= batch.heldBack();
                }
            }
        } catch (RuntimeException | Error e) {
            throw broken(e);
        }
        if (heldBack) {
            throw new VfsException(Errno.EBUSY, "an I/O operation is using mapped memory of the file")
                    .with("inode", inode.ino());
        }
    }

    /**
     * A page may now be neither dirty nor on the device: were anything committed after that, an fsync would lie.
     */
    private VfsException broken(Throwable bug) {
        return volume.stop("a writeback was left incomplete", bug);
    }

    /**
     * Writes back all that is dirty of the inodes; an error is kept with the inode that it concerns.
     *
     * @throws IOException the first error, when the rest has been written
     */
    void writeBackAll(List<Inode> inodes) throws IOException {
        List<Inode> ascending =
                inodes.stream().sorted(Comparator.comparingLong(Inode::ino)).toList();
        IOException failed = null;
        int next = 0;
        long position = 0;
        while (next < ascending.size()) {
            int first = next;
            try (var batch = new WritebackBatch(volume, buffers, deviceThreads)) {
                boolean full = false;
                while (!full && next < ascending.size()) {
                    Inode inode = ascending.get(next);
                    batch.lock(inode);
                    position = batch.collect(inode, position, Long.MAX_VALUE);
                    full = position != Long.MAX_VALUE;
                    if (!full) {
                        position = 0;
                        next++;
                    }
                }
                batch.write();
            } catch (IOException e) {
                int concerned = Math.min(next + 1, ascending.size());
                ascending.subList(first, concerned).forEach(inode -> inode.writebackFailed(e));
                failed = failed == null ? e : failed;
                next = concerned;
                position = 0;
            } catch (RuntimeException | Error e) {
                throw broken(e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** When no writeback is under way any more. */
    @Override
    public void close() {
        deviceThreads.close();
    }
}
