package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Memory in huge pages where the host gives some, and all of it there at once: the first touch of each small page is a fault,
 * which on a virtual machine costs up to 25 µs. Whatever the host does not know of is left out, and what the C library gives
 * of memory that was in use before stays as it was.
 */
public final class HugePages {
    private static final long HUGE_PAGE_BYTES = 2 << 20;

    /** MADV_HUGEPAGE. */
    private static final int IN_HUGE_PAGES = 14;

    /** MADV_POPULATE_WRITE, since Linux 5.14. */
    private static final int THERE_AT_ONCE = 23;

    private HugePages() {}

    /** Allocates what is freed with the arena; not filled with zeros. What is no whole number of huge pages is the arena's own. */
    public static SegmentAllocator of(Arena arena) {
        return (bytes, alignment) -> bytes % HUGE_PAGE_BYTES == 0 && bytes > 0 && alignment <= HUGE_PAGE_BYTES
                ? allocate(arena, bytes)
                : arena.allocate(bytes, alignment);
    }

    @SuppressWarnings("restricted") // the length is what was asked for
    private static MemorySegment allocate(Arena arena, long bytes) {
        MemorySegment start = MemoryCalls.allocate(HUGE_PAGE_BYTES, bytes);
        if (start.equals(MemorySegment.NULL)) {
            throw new OutOfMemoryError("cannot allocate " + bytes + " bytes outside of the heap");
        }
        MemorySegment memory = start.reinterpret(bytes, arena, MemoryCalls::free);
        var _ = MemoryCalls.advise(memory, IN_HUGE_PAGES);
        var _ = MemoryCalls.advise(memory, THERE_AT_ONCE);
        return memory;
    }
}
