package samepage.pagecache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * A memory map's view of some neighbouring blocks of a folio: a page-table entry. Its segment is the folio's own memory
 * under an arena of its own. Taking the window away closes that arena: afterwards no store is in flight, and the next access
 * fails and has to ask for a new window.
 *
 * <p>Through a writable window content changes without a word. So its blocks are dirty for as long as it is open (P6), and
 * they are reported as changed when it has been taken away.
 */
public final class Window {
    /** How long one waits for an I/O operation that uses the window's memory at this moment. */
    private static final long PATIENCE_NANOS = 5_000_000;

    private static final long PAUSE_NANOS = 20_000;

    private final Folio folio;
    private final long from;
    private final long to;
    private final boolean writable;
    private final Listener listener;
    private final Arena arena;
    private final MemorySegment segment;

    /** Is told, under the page lock, which blocks may have changed through a window that has been taken away. */
    public interface Listener {
        void contentChanged(long fromBlock, long toBlock);
    }

    @SuppressWarnings({"MustBeClosedChecker", "restricted"
    }) // closed by tryClose; an alias of memory of the cache's own
    Window(Folio folio, long from, long to, boolean writable, Listener listener) {
        this.folio = folio;
        this.from = from;
        this.to = to;
        this.writable = writable;
        this.listener = listener;
        this.arena = Arena.ofShared();
        MemorySegment alias = folio.memoryOf(from, to).reinterpret(arena, null);
        this.segment = writable ? alias : alias.asReadOnly();
    }

    /** The first file block. */
    public long from() {
        return from;
    }

    /** The file block after the last. */
    public long to() {
        return to;
    }

    public boolean isWritable() {
        return writable;
    }

    /** The memory; accessing it fails with an {@link IllegalStateException} once the window has been taken away. */
    public MemorySegment segment() {
        return segment;
    }

    /** False once it has been taken away. */
    public boolean isOpen() {
        return segment.scope().isAlive();
    }

    boolean overlaps(long otherFrom, long otherTo) {
        return from < otherTo && otherFrom < to;
    }

    /** Unmaps it, for whoever opened it; waits for I/O on its memory however long that takes. */
    public void close() {
        while (!closeQuickly()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean closeQuickly() {
        try (var _ = folio.lock()) {
            return !isOpen() || folio.takeWindow(this);
        }
    }

    /** Closes the arena, unless an I/O operation uses the memory for so long that nobody should wait for it. */
    boolean tryClose() {
        long start = System.nanoTime();
        while (true) {
            try {
                arena.close();
                break;
            } catch (IllegalStateException e) {
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    return false;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        if (writable) {
            listener.contentChanged(from, to);
        }
        return true;
    }
}
