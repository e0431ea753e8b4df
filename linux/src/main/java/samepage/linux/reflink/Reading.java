package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;

/**
 * Reads the pieces of files in order, by several threads, ahead of who takes them: many requests wait at the disk at a time,
 * and the disk's order is that of the files.
 */
final class Reading implements AutoCloseable {
    /** How far the reading is ahead at most: of blocks, 256 MiB of 4 KiB each; of pieces, for files may be small. */
    private static final long BLOCKS_AHEAD = 1 << 16;

    private static final int PIECES_AHEAD = 4096;

    private static final int SMALL_FILES_AT_ONCE = 16;

    private final int blockSize;
    private final List<PieceReader> readers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition toRead = lock.newCondition();
    private final Condition wasRead = lock.newCondition();

    /** Files whose pieces nobody has begun to read, the first one's from {@link #nextBlock} on. */
    @GuardedBy("lock") private final ArrayDeque<TreeFile> files = new ArrayDeque<>();

    @GuardedBy("lock") private long nextBlock = -1;

    /** Pieces that are being read or have been, in order, and are still to be taken. */
    @GuardedBy("lock") private final ArrayDeque<Slot> ahead = new ArrayDeque<>();

    @GuardedBy("lock") private long blocksAhead;

    @GuardedBy("lock") private boolean isClosed;

    private static final class Slot {
        final TreeFile file;
        final long firstBlock;

        @Nullable Piece piece;

        @Nullable Throwable failure;

        /** Why it could not be opened; known to its reader alone. */
        @Nullable Throwable refusal;

        Slot(TreeFile file, long firstBlock) {
            this.file = file;
            this.firstBlock = firstBlock;
        }

        boolean isBefore(TreeFile other, long otherFirstBlock) {
            return file.id() < other.id() || (file.id() == other.id() && firstBlock < otherFirstBlock);
        }

        boolean isFor(TreeFile other, long otherFirstBlock) {
            return file.id() == other.id() && firstBlock == otherFirstBlock;
        }

        boolean isDone() {
            return piece != null || failure != null;
        }
    }

    /** Makes a reader for each thread. */
    interface ReaderSource {
        PieceReader open();
    }

    Reading(int threadCount, int blockSize, ReaderSource source) {
        this.blockSize = blockSize;
        for (int i = 0; i < threadCount; i++) {
            PieceReader reader = source.open();
            readers.add(reader);
            threads.add(Thread.ofPlatform().daemon().name("samepage-read-" + i).start(() -> run(reader)));
        }
    }

    /** Has further files read, after those before. */
    void add(List<TreeFile> more) {
        lock.lock();
        try {
            files.addAll(more);
            toRead.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The piece of that file that begins there, once it is read; pieces before it are not wanted any more.
     *
     * @return null where the piece was taken or passed over before
     * @throws VfsException where it could not be read
     */
    @Nullable Piece take(TreeFile file, long firstBlock) throws IOException {
        lock.lock();
        try {
            while (!isClosed) {
                Slot head = ahead.peek();
                while (head != null && head.isBefore(file, firstBlock)) {
                    drop(head);
                    head = ahead.peek();
                }
                if (head == null && !isToCome(file, firstBlock)) {
                    return null;
                }
                if (head != null && !head.isFor(file, firstBlock)) {
                    return null;
                }
                if (head != null && head.isDone()) {
                    drop(head);
                    return resultOf(head);
                }
                wasRead.await();
            }
            throw new VfsException(Errno.EINTR, "the reading has ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VfsException(Errno.EINTR, "the reading was interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private boolean isToCome(TreeFile file, long firstBlock) {
        TreeFile last = files.peekLast();
        if (last == null || last.id() < file.id()) {
            return false;
        }
        TreeFile next = files.getFirst();
        return next.id() < file.id() || (next.id() == file.id() && startOf(next) <= firstBlock);
    }

    @GuardedBy("lock") private void drop(Slot head) {
        ahead.remove();
        blocksAhead -= Piece.blocksFrom(head.firstBlock, head.file.blockCount(blockSize));
        toRead.signal();
    }

    private static Piece resultOf(Slot slot) throws IOException {
        Piece piece = slot.piece;
        if (piece != null) {
            return piece;
        }
        switch (slot.failure) {
            case IOException e -> throw e;
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            case null, default -> throw new IOException(slot.failure);
        }
    }

    private void run(PieceReader reader) {
        var claimed = new ArrayList<Slot>();
        var opened = new HostFile[SMALL_FILES_AT_ONCE];
        for (claim(claimed); !claimed.isEmpty(); claim(claimed)) {
            if (claimed.size() > 1) {
                begin(claimed, opened, reader);
            }
            for (int i = 0; i < claimed.size(); i++) {
                read(claimed.get(i), claimed.size() > 1, opened[i], reader);
            }
        }
    }

    /** Has the disk look for all of several small files at a time: they are side by side, and become fewer, longer requests. */
    private static void begin(List<Slot> claimed, @Nullable HostFile[] opened, PieceReader reader) {
        for (int i = 0; i < claimed.size(); i++) {
            Slot slot = claimed.get(i);
            opened[i] = null;
            try {
                opened[i] = reader.begin(slot.file);
            } catch (Throwable e) {
                slot.refusal = e;
            }
        }
    }

    private void read(Slot slot, boolean isBegun, @Nullable HostFile opened, PieceReader reader) {
        Piece piece = null;
        Throwable failure = slot.refusal;
        if (failure == null) {
            try {
                piece = isBegun
                        ? reader.read(slot.file, slot.firstBlock, opened)
                        : reader.read(slot.file, slot.firstBlock);
            } catch (Throwable e) {
                failure = e;
            }
        }
        lock.lock();
        try {
            slot.piece = piece;
            slot.failure = failure;
            if (slot.equals(ahead.peek())) {
                wasRead.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes the next piece to read, or those of several small files; none where there will be none any more. */
    private void claim(List<Slot> claimed) {
        claimed.clear();
        lock.lock();
        try {
            while (!isClosed && !isAnyToRead()) {
                toRead.await();
            }
            while (!isClosed
                    && claimed.size() < SMALL_FILES_AT_ONCE
                    && isAnyToRead()
                    && (claimed.isEmpty() || isNextSmall())) {
                claimed.add(claimNext());
                if (!PieceReader.isSmall(claimed.getLast().file)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private boolean isAnyToRead() {
        return !files.isEmpty() && blocksAhead < BLOCKS_AHEAD && ahead.size() < PIECES_AHEAD;
    }

    @GuardedBy("lock") private boolean isNextSmall() {
        return PieceReader.isSmall(files.getFirst());
    }

    @GuardedBy("lock") private Slot claimNext() {
        TreeFile file = files.getFirst();
        long first = startOf(file);
        var slot = new Slot(file, first);
        long count = file.blockCount(blockSize);
        if (first + Piece.BLOCKS >= count) {
            files.removeFirst();
            nextBlock = -1;
        } else {
            nextBlock = first + Piece.BLOCKS;
        }
        boolean isFirst = ahead.isEmpty();
        ahead.add(slot);
        blocksAhead += Piece.blocksFrom(first, count);
        if (isFirst) {
            wasRead.signalAll();
        }
        return slot;
    }

    @GuardedBy("lock") private long startOf(TreeFile file) {
        return nextBlock >= 0 ? nextBlock : file.firstBlock() - file.firstBlock() % Piece.BLOCKS;
    }

    /** Ends the reading, and waits for what is under way. */
    @Override
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            toRead.signalAll();
            wasRead.signalAll();
        } finally {
            lock.unlock();
        }
        boolean isInterrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        }
        readers.forEach(PieceReader::close);
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
