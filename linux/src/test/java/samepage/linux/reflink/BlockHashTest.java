package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockHashTest {
    private static final int BLOCK_BYTES = 512;

    @Test
    void take_eachBitFlipped_changesBothHalvesInHalfTheirBits() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK_BYTES, 8);
            var random = new Random(1);
            for (int i = 0; i < BLOCK_BYTES; i++) {
                block.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
            }
            var hash = new BlockHash(BLOCK_BYTES);
            hash.take(block, 0);
            long high = hash.high();
            long low = hash.low();
            long changed = 0;
            for (int bit = 0; bit < BLOCK_BYTES * Byte.SIZE; bit++) {
                flip(block, bit);
                hash.take(block, 0);
                flip(block, bit);
                int highs = Long.bitCount(high ^ hash.high());
                int lows = Long.bitCount(low ^ hash.low());
                assertThat(highs).as("bit=%d", bit).isBetween(10, 54);
                assertThat(lows).as("bit=%d", bit).isBetween(10, 54);
                changed += highs + lows;
            }
            assertThat((double) changed / (BLOCK_BYTES * Byte.SIZE)).isBetween(63.0, 65.0);
        }
    }

    @Test
    void take_fewBytesAmongZeros_areAllDifferent() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK_BYTES, 8);
            var hash = new BlockHash(BLOCK_BYTES);
            var seen = new HashSet<Long>();
            int count = 0;
            for (int at = 0; at < BLOCK_BYTES; at++) {
                for (int value = 1; value < 256; value++) {
                    block.set(ValueLayout.JAVA_BYTE, at, (byte) value);
                    hash.take(block, 0);
                    seen.add(hash.high() >>> Byte.SIZE);
                    count++;
                }
                block.set(ValueLayout.JAVA_BYTE, at, (byte) 0);
            }
            assertThat(seen).hasSize(count);
        }
    }

    @Test
    void isZeros_tellsZerosFromAnythingElse() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(2 * BLOCK_BYTES, 8);
            var hash = new BlockHash(BLOCK_BYTES);
            block.set(ValueLayout.JAVA_BYTE, BLOCK_BYTES, (byte) 1);
            hash.take(block, 0);
            assertThat(hash.isZeros()).isTrue();
            hash.take(block, BLOCK_BYTES);
            assertThat(hash.isZeros()).isFalse();
        }
    }

    private static void flip(MemorySegment block, int bit) {
        byte value = block.get(ValueLayout.JAVA_BYTE, bit / Byte.SIZE);
        block.set(ValueLayout.JAVA_BYTE, bit / Byte.SIZE, (byte) (value ^ (1 << (bit % Byte.SIZE))));
    }
}
