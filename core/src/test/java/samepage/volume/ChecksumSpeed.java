package samepage.volume;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** MB/s of checksums from a JVM's start on: {@code java ... samepage.volume.ChecksumSpeed [library]}. */
final class ChecksumSpeed {
    private static final int BLOCK_BYTES = 4096;
    private static final int DATA_BYTES = 4 << 20;
    private static final int TIMES = 25;
    private static final int ROUNDS = 20;

    private ChecksumSpeed() {}

    public static void main(String[] arguments) {
        boolean library = arguments.length > 0;
        var access = ByteAccess.forMemorySegment(MemorySegment.class);
        var hasher = Hashing.xxh3_128();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(DATA_BYTES, BLOCK_BYTES);
            var random = new SplittableRandom(1);
            for (long at = 0; at < DATA_BYTES; at += Long.BYTES) {
                data.set(ValueLayout.JAVA_LONG, at, random.nextLong());
            }
            long sum = 0;
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                for (int time = 0; time < TIMES; time++) {
                    for (long at = 0; at < DATA_BYTES; at += BLOCK_BYTES) {
                        sum += library
                                ? hasher.hashBytesTo128Bits(data, at, BLOCK_BYTES, access)
                                        .getLeastSignificantBits()
                                : Checksum.of(data, at, BLOCK_BYTES).low();
                    }
                }
                System.out.println((long) TIMES * DATA_BYTES * 1000 / (System.nanoTime() - start) + " MB/s");
            }
            System.out.println(sum);
        }
    }
}
