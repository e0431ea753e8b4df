package samepage.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** File content that does not compress, the same for the same seed and offset, made as fast as it is written. */
final class Content implements AutoCloseable {
    static final int PIECE_BYTES = 2 << 20;
    private static final int BLOCK_BYTES = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment piece = arena.allocate(PIECE_BYTES, BLOCK_BYTES);

    Content() {
        var random = new SplittableRandom(1);
        for (long at = 0; at < PIECE_BYTES; at += Long.BYTES) {
            piece.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
    }

    /** The piece at {@code offset}, a multiple of the block size, until the next call; every block is another. */
    MemorySegment at(long seed, long offset) {
        for (long at = 0; at < PIECE_BYTES; at += BLOCK_BYTES) {
            piece.set(ValueLayout.JAVA_LONG, at, seed);
            piece.set(ValueLayout.JAVA_LONG, at + Long.BYTES, offset + at);
        }
        return piece;
    }

    /** The block at {@code offset}, as {@link #at} has it. */
    void block(long seed, long offset, MemorySegment target) {
        target.copyFrom(piece.asSlice(offset % PIECE_BYTES, BLOCK_BYTES));
        target.set(ValueLayout.JAVA_LONG, 0, seed);
        target.set(ValueLayout.JAVA_LONG, Long.BYTES, offset);
    }

    /** Less than a piece, as {@link #at} has it in its first block; the rest is the same for every seed. */
    MemorySegment small(long seed, long bytes) {
        piece.set(ValueLayout.JAVA_LONG, 0, seed);
        return piece.asSlice(0, bytes);
    }

    /** Where content goes. */
    interface Sink {
        void write(long offset, MemorySegment data) throws Exception;
    }

    void write(long seed, long bytes, Sink sink) throws Exception {
        for (long offset = 0; offset < bytes; offset += PIECE_BYTES) {
            sink.write(offset, at(seed, offset).asSlice(0, Math.min(PIECE_BYTES, bytes - offset)));
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
