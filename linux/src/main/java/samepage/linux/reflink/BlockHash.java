package samepage.linux.reflink;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The fingerprint of a block in 128 bits: komihash's rounds in four lanes, each of 128 bits of its own, folded into two words.
 * It is a hint; nobody is kept from making two blocks that have the same. Belongs to one thread.
 */
/*
 * On words of an array, for that is what the virtual machine compiles soon and well: a first run lasts seconds, and through the
 * accessors of a segment the compiler takes longer than the hash.
 */
final class BlockHash {
    /** The first digits of pi, as komihash has them. */
    private static final long[] SEEDS = {
        0x243F6A8885A308D3L, 0x13198A2E03707344L, 0xA4093822299F31D0L, 0x082EFA98EC4E6C89L,
        0x452821E638D01377L, 0xBE5466CF34E90C6CL, 0xC0AC29B7C97C50DDL, 0x3F84D5B5B5470917L
    };

    private static final int LANES_WORDS = 8;

    private final long[] words;
    private long high;
    private long low;
    private boolean isZeros;

    /** @param blockSize a multiple of 64 */
    BlockHash(int blockSize) {
        words = new long[blockSize / Long.BYTES];
    }

    /** Takes the fingerprint of the block there. */
    void take(MemorySegment buffer, long offsetBytes) {
        MemorySegment.copy(buffer, ValueLayout.JAVA_LONG_UNALIGNED, offsetBytes, words, 0, words.length);
        hash(words);
    }

    private void hash(long[] block) {
        long a0 = SEEDS[0];
        long a1 = SEEDS[1];
        long a2 = SEEDS[2];
        long a3 = SEEDS[3];
        long b0 = SEEDS[4];
        long b1 = SEEDS[5];
        long b2 = SEEDS[6];
        long b3 = SEEDS[7];
        long any = 0;
        for (int i = 0; i + LANES_WORDS <= block.length; i += LANES_WORDS) {
            long v0 = block[i];
            long w0 = block[i + 1];
            long v1 = block[i + 2];
            long w1 = block[i + 3];
            long v2 = block[i + 4];
            long w2 = block[i + 5];
            long v3 = block[i + 6];
            long w3 = block[i + 7];
            any |= v0 | w0 | v1 | w1 | v2 | w2 | v3 | w3;
            v0 ^= a0;
            w0 ^= b0;
            v1 ^= a1;
            w1 ^= b1;
            v2 ^= a2;
            w2 ^= b2;
            v3 ^= a3;
            w3 ^= b3;
            b0 += Math.unsignedMultiplyHigh(v0, w0);
            b1 += Math.unsignedMultiplyHigh(v1, w1);
            b2 += Math.unsignedMultiplyHigh(v2, w2);
            b3 += Math.unsignedMultiplyHigh(v3, w3);
            a0 = (v0 * w0) ^ b1;
            a1 = (v1 * w1) ^ b2;
            a2 = (v2 * w2) ^ b3;
            a3 = (v3 * w3) ^ b0;
        }
        isZeros = any == 0;
        high = fold(fold(a0 ^ b2, b0 ^ a2) ^ a1 ^ b3, b1 ^ a3);
        low = fold(fold(a1 ^ b0, b3 ^ a0) ^ a2 ^ b1, b2 ^ a3 ^ SEEDS[0]);
    }

    private static long fold(long left, long right) {
        return (left * right) ^ Math.unsignedMultiplyHigh(left, right);
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    /** Whether the block has no other bytes. */
    boolean isZeros() {
        return isZeros;
    }
}
