package samepage.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * When the running transaction is made durable: when asked, after a time, and when it has grown. And what surrounds that: what
 * is kept in memory between commits is put before, data is flushed, and what was freed goes to be used again. A commit that
 * fails stops the volume; one for which the store has no room can be made later.
 */
final class Commits implements AutoCloseable {
    private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();
    private static final long SOON_BYTES = Math.min(32L << 20, HEAP_BYTES / 10);
    private static final long NOW_BYTES = Math.min(96L << 20, HEAP_BYTES / 5);

    /** For so long nobody tries again who only wants to be rid of a burden. */
    private static final long NO_ROOM_NANOS = 1_000_000_000L;

    private final TransactionLog log;
    private final BlockDevice device;
    private final @Nullable CommitMark mark;
    private final Volume volume;
    private final Reclamation reclamation;
    private final BackgroundTasks thread = new BackgroundTasks("samepage-commit");
    private final AtomicBoolean isDue = new AtomicBoolean();
    private final TransactionLog.CommitSteps steps = new Steps();
    private volatile LazyRecords lazyRecords = transaction -> {};

    /** When the store last had no room for a commit; none has been made since. */
    private volatile @Nullable Long noRoomSinceNanos;

    /** How many commits have been made in the volume's life; changed with the commit lock held. */
    private volatile long number;

    Commits(Volume volume, TransactionLog log, VolumeParts parts, Reclamation reclamation) throws IOException {
        this.volume = volume;
        this.log = log;
        this.device = parts.device();
        this.mark = parts.mark();
        this.reclamation = reclamation;
        this.number = numberIn(parts.store());
    }

    /** How many commits a store holds. */
    static long numberIn(MetadataStore store) throws IOException {
        byte[] value = store.get(RecordKey.of(RecordKey.COMMITS));
        return value == null ? 0 : ByteBuffer.wrap(value).getLong();
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
            noRoomSinceNanos = null;
        } catch (IOException | RuntimeException | Error e) {
            if (e instanceof VfsException refusal && refusal.errno() == Errno.ENOSPC && volume.isWritable()) {
                noRoomSinceNanos = System.nanoTime();
                throw refusal;
            }
            throw volume.stop("a commit failed", e);
        }
    }

    /** Before a handle joins: a transaction that has become a burden takes no more. */
    void beforeJoining() throws IOException {
        Overlay running = log.running();
        if (heapBytes(running) > NOW_BYTES) {
            if (hadNoRoomJustNow()) {
                throw new VfsException(Errno.ENOSPC, "no space left to record what has been changed");
            }
            commit(running.sequence);
        }
    }

    private long heapBytes(Overlay running) {
        return running.heapBytes() + lazyRecords.heapBytes();
    }

    private boolean hadNoRoomJustNow() {
        Long since = noRoomSinceNanos;
        return since != null && System.nanoTime() - since < NO_ROOM_NANOS;
    }

    /** A handle has been closed: a transaction that has grown is committed before it becomes a burden. */
    void handleClosed(Overlay running) {
        if (heapBytes(running) > SOON_BYTES && !hadNoRoomJustNow() && isDue.compareAndSet(false, true)) {
            thread.execute(this::commitQuietly);
        }
    }

    private void commitQuietly() {
        isDue.set(false);
        try {
            commit(log.running().sequence);
        } catch (IOException e) {
            // The volume is stopped and says so to whoever comes next, or there is no room: whoever asks is told.
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
                running.put(
                        RecordKey.of(RecordKey.COMMITS),
                        ByteBuffer.allocate(Long.BYTES).putLong(number + 1).array());
            }
        }

        @Override
        public void flushData() throws IOException {
            try {
                device.flush();
            } catch (IOException e) {
                throw volume.stop("a commit failed", e); // whatever the reason: written blocks may be lost
            }
        }

        @Override
        public void committed(Overlay committed) {
            if (!committed.isEmpty()) {
                noteCommit();
            }
            reclamation.retire(committed.freed());
        }

        private void noteCommit() {
            long made = number + 1;
            number = made;
            try {
                if (mark != null) {
                    mark.write(made);
                }
            } catch (IOException e) {
                // A mark that stays behind is as true as before.
                return;
            }
        }
    }

    /** Ends what happens by itself, and waits for what is under way. */
    @Override
    public void close() {
        thread.close();
    }
}
