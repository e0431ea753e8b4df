package samepage.volume;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The 128-bit checksum of a block's bytes: XXH3-128, seed 0. Strong enough to propose duplicates, never to decide. */
public record Checksum(long high, long low) {
    private static final Hasher128 XXH3 = Hashing.xxh3_128();

    /**
     * Blocks are hashed in an array: through a segment's accessors the compiler takes up to a second for the same method, and
     * a volume that has just been opened is written to at a tenth of its speed until then.
     */
    private static final ThreadLocal<byte[]> BLOCK = ThreadLocal.withInitial(() -> new byte[0]);

    /** The checksum of {@code blockSize} bytes at {@code offsetBytes} of {@code data}. */
    static Checksum of(MemorySegment data, long offsetBytes, int blockSize) {
        byte[] block = BLOCK.get();
        if (block.length != blockSize) {
            block = new byte[blockSize];
            BLOCK.set(block);
        }
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offsetBytes, block, 0, blockSize);
        HashValue128 hash = XXH3.hashBytesTo128Bits(block);
        return new Checksum(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }
}
