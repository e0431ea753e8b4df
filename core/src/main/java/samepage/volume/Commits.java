package samepage.volume;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import samepage.block.BlockDevice;

/**
 * When the running transaction is made durable: when asked, after a time, and when it has grown. And what surrounds that: what
 * is kept in memory between commits is put before, data is flushed, and what was freed goes to be used again. A commit that
 * fails stops the volume.
 */
final class Commits implements AutoCloseable {
    private static final long SOON_BYTES = 32L << 20;
    private static final long NOW_BYTES = 96L << 20;

    private final TransactionLog log;
    private final BlockDevice device;
    private final Volume volume;
    private final Reclamation reclamation;
    private final BackgroundTasks thread = new BackgroundTasks("samepage-commit");
    private final AtomicBoolean isDue = new AtomicBoolean();
    private final TransactionLog.CommitSteps steps = new Steps();
    private volatile LazyRecords lazyRecords = transaction -> {};

    Commits(Volume volume, TransactionLog log, BlockDevice device, Reclamation reclamation) {
        this.volume = volume;
        this.log = log;
        this.device = device;
        this.reclamation = reclamation;
    }

    void setLazyRecords(LazyRecords records) {
        lazyRecords = records;
    }

    void repeat(Duration interval) {
        thread.repeat(this::commitQuietly, interval);
    }

    void commit(long sequence) throws IOException {
        volume.checkWritable();
        try {
            log.commit(sequence, steps);
        } catch (IOException | RuntimeException | Error e) {
            throw volume.stop("a commit failed", e);
        }
    }

    /** Before a handle joins: a transaction that has become a burden takes no more. */
    void beforeJoining() throws IOException {
        Overlay running = log.running();
        if (running.heapBytes() > NOW_BYTES) {
            commit(running.sequence);
        }
    }

    /** A handle has been closed: a transaction that has grown is committed before it becomes a burden. */
    void handleClosed(Overlay running) {
        if (running.heapBytes() > SOON_BYTES && isDue.compareAndSet(false, true)) {
            thread.execute(this::commitQuietly);
        }
    }

    private void commitQuietly() {
        isDue.set(false);
        try {
            commit(log.running().sequence);
        } catch (IOException e) {
            // The volume is stopped and says so to whoever comes next.
            return;
        }
    }

    private final class Steps implements TransactionLog.CommitSteps {
        @Override
        public void putLast(Overlay running) throws IOException {
            volume.checkWritable(); // the last handle may have been left incomplete
            lazyRecords.putAll(new LazyRecords.Sink() {
                @Override
                public void put(InodeRecord inode) {
                    running.put(RecordKey.of(RecordKey.INODE, inode.ino()), InodeFormat.encode(inode));
                }

                @Override
                public long sequence() {
                    return running.sequence;
                }
            });
            if (!running.isEmpty()) {
                running.put(
                        RecordKey.of(RecordKey.ACCOUNTING), volume.accounting().encode());
            }
        }

        @Override
        public void flushData() throws IOException {
            device.flush();
        }

        @Override
        public void committed(Overlay committed) {
            reclamation.retire(committed.freed());
        }
    }

    /** Ends what happens by itself, and waits for what is under way. */
    @Override
    public void close() {
        thread.close();
    }
}
