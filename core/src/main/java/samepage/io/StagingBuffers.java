package samepage.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Buffers that writeback copies dirty pages into: aligned, so that the device can take them without a copy of its own. */
final class StagingBuffers implements AutoCloseable {
    static final int BYTES = 4 << 20;
    private static final int ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final SegmentAllocator memory;
    private final ConcurrentLinkedQueue<MemorySegment> free = new ConcurrentLinkedQueue<>();

    /** @param ofArena allocates what is freed with the arena */
    StagingBuffers(Function<Arena, SegmentAllocator> ofArena) {
        this.memory = ofArena.apply(arena);
    }

    MemorySegment take() {
        MemorySegment buffer = free.poll();
        return buffer != null ? buffer : memory.allocate(BYTES, ALIGNMENT);
    }

    void give(MemorySegment buffer) {
        free.add(buffer);
    }

    @Override
    public void close() {
        arena.close();
    }
}
