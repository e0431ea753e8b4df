package samepage.vfs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import samepage.pagecache.Window;

/**
 * Memory that a map has of file blocks {@code [from, to)} now.
 *
 * @param close gives the memory back
 */
record MappedView(long from, long to, MemorySegment memory, Runnable close) {
    static MappedView of(Window window) {
        return new MappedView(window.from(), window.to(), window.segment(), window::close);
    }

    /** A copy that is the map's own. */
    @SuppressWarnings("MustBeClosedChecker") // closed with the view
    static MappedView copyOf(MappedView original) {
        Arena arena = Arena.ofShared();
        MemorySegment copy = arena.allocate(original.memory.byteSize(), Long.BYTES);
        try {
            copy.copyFrom(original.memory);
        } catch (Throwable e) {
            arena.close();
            throw e;
        }
        return new MappedView(original.from, original.to, copy, arena::close);
    }

    boolean isOpen() {
        return memory.scope().isAlive();
    }

    boolean covers(long block) {
        return from <= block && block < to;
    }
}
