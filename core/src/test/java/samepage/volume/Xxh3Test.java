package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Xxh3Test {
    @Test
    void of_anyLengthAndPlace_isWhatTheLibraryGives() {
        var random = new Random(17);
        byte[] data = new byte[70_000];
        random.nextBytes(data);
        for (int i = 0; i < 5000; i++) {
            int length = Xxh3.MOST_SHORT_BYTES + 1 + i;
            int offset = random.nextInt(data.length - length);

            assertThat(Xxh3.of(MemorySegment.ofArray(data), offset, length))
                    .as("length %d", length)
                    .isEqualTo(byLibrary(data, offset, length));
        }
    }

    @Test
    void checksum_everyBlockSize_isWhatTheLibraryGives() {
        var random = new Random(18);
        for (int length = 512; length <= 65_536; length *= 2) {
            byte[] data = new byte[3 * length];
            random.nextBytes(data);

            assertThat(Checksum.of(MemorySegment.ofArray(data), length, length))
                    .isEqualTo(byLibrary(data, length, length));
        }
    }

    @Test
    void checksum_ofZeros_isWhatTheLibraryGives() {
        byte[] zeros = new byte[4096];

        assertThat(Checksum.of(MemorySegment.ofArray(zeros), 0, zeros.length))
                .isEqualTo(byLibrary(zeros, 0, zeros.length));
    }

    private static Checksum byLibrary(byte[] data, int offset, int length) {
        var hash = Hashing.xxh3_128().hashBytesTo128Bits(data, offset, length);
        return new Checksum(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
    }
}
