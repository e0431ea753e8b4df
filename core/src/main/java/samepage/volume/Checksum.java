package samepage.volume;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.MemorySegment;

/** The 128-bit checksum of a block's bytes: XXH3-128, seed 0. Strong enough to propose duplicates, never to decide. */
public record Checksum(long high, long low) {
    private static final Hasher128 XXH3 = Hashing.xxh3_128();
    private static final ByteAccess<MemorySegment> ACCESS = ByteAccess.forMemorySegment(MemorySegment.class);

    /** The checksum of {@code blockSize} bytes at {@code offsetBytes} of {@code data}. */
    static Checksum of(MemorySegment data, long offsetBytes, int blockSize) {
        HashValue128 hash = XXH3.hashBytesTo128Bits(data, offsetBytes, blockSize, ACCESS);
        return new Checksum(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }
}
