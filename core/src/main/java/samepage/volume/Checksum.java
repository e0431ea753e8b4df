package samepage.volume;

import java.lang.foreign.MemorySegment;

/** The 128-bit checksum of a block's bytes: XXH3-128, seed 0. Strong enough to propose duplicates, never to decide. */
public record Checksum(long high, long low) {
    /** The checksum of {@code blockSize} bytes at {@code offsetBytes} of {@code data}. */
    static Checksum of(MemorySegment data, long offsetBytes, int blockSize) {
        return Xxh3.of(data, offsetBytes, blockSize);
    }
}
