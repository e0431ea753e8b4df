package samepage.volume;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * XXH3-128 with seed 0, of more than 240 bytes.
 *
 * <pre>
 *   the data        stripes of 64 bytes, each eight words of 64 bits, one for each of eight sums
 *   the secret      192 bytes; a stripe is mixed with those from its number in the block times 8 on
 *   a block         16 stripes; after each the sums are scrambled
 *   the end         the last 64 bytes, once more, and the eight sums merged into two words
 * </pre>
 */
/*
 * hash4j has one method for all lengths and all kinds of memory. The compiler takes up to a second for it, in which a volume
 * that has just been opened is written to at a quarter of its speed. This is compiled in some tens of milliseconds; and the words
 * of a block are copied to an array first, which code that is not compiled, or only a little, is quick with. MB per second of
 * CPU in a fresh JVM, 4 KiB blocks (ChecksumSpeed in the tests):
 *
 *                                first 100 MB    at last
 *   hash4j                       440 .. 570      10,000
 *   this, without the array      1300 .. 1900    8400
 *   this                         2300 .. 2400    9900
 */
final class Xxh3 {
    /** Data this long is another algorithm's. */
    static final int MOST_SHORT_BYTES = 240;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int STRIPE_BYTES = 64;
    private static final int LANES = STRIPE_BYTES / Long.BYTES;
    private static final int STRIPES_OF_BLOCK = 16;
    private static final int WORDS_OF_BLOCK = STRIPES_OF_BLOCK * LANES;
    private static final int BLOCK_BYTES = STRIPES_OF_BLOCK * STRIPE_BYTES;
    private static final long LOW_HALF = 0xFFFF_FFFFL;

    private static final long PRIME32_1 = 0x9E3779B1L;
    private static final long PRIME32_2 = 0x85EBCA77L;
    private static final long PRIME32_3 = 0xC2B2AE3DL;
    private static final long PRIME64_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME64_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME64_3 = 0x165667B19E3779F9L;
    private static final long PRIME64_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME64_5 = 0x27D4EB2F165667C5L;
    private static final long PRIME_OF_AVALANCHE = 0x165667919E3779F9L;

    /** The default secret as words, little-endian. */
    private static final long[] SECRET = {
        0xbe4ba423396cfeb8L, 0x1cad21f72c81017cL, 0xdb979083e96dd4deL, 0x1f67b3b7a4a44072L,
        0x78e5c0cc4ee679cbL, 0x2172ffcc7dd05a82L, 0x8e2443f7744608b8L, 0x4c263a81e69035e0L,
        0xcb00c391bb52283cL, 0xa32e531b8b65d088L, 0x4ef90da297486471L, 0xd8acdea946ef1938L,
        0x3f349ce33f76faa8L, 0x1d4f0bc7c7bbdcf9L, 0x3159b4cd4be0518aL, 0x647378d9c97e9fc8L,
        0xc3ebd33483acc5eaL, 0xeb6313faffa081c5L, 0x49daf0b751dd0d17L, 0x9e68d429265516d3L,
        0xfca1477d58be162bL, 0xce31d07ad1b8f88fL, 0x280416958f3acb45L, 0x7e404bbbcafbd7afL,
    };

    private static final int SECRET_BYTES = SECRET.length * Long.BYTES;

    private Xxh3() {}

    /** Of {@code length} bytes at {@code offset}, more than {@link #MOST_SHORT_BYTES}. */
    static Checksum of(MemorySegment data, long offset, int length) {
        long[] sums = {
            PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1,
        };
        var words = new long[WORDS_OF_BLOCK];
        long end = offset + length;
        long block = offset;
        for (; block + BLOCK_BYTES < end; block += BLOCK_BYTES) {
            MemorySegment.copy(data, WORD, block, words, 0, WORDS_OF_BLOCK);
            add(sums, words, STRIPES_OF_BLOCK);
            scramble(sums);
        }
        int rest = (int) ((end - 1 - block) / STRIPE_BYTES);
        MemorySegment.copy(data, WORD, block, words, 0, rest * LANES);
        add(sums, words, rest);
        addLast(sums, data, end - STRIPE_BYTES);
        long low = merged(sums, 11, length * PRIME64_1);
        long high = merged(sums, SECRET_BYTES - STRIPE_BYTES - 11, ~(length * PRIME64_2));
        return new Checksum(high, low);
    }

    /** Sums up the first stripes of a block. Locals, so that the sums stay in registers. */
    private static void add(long[] sums, long[] words, int stripes) {
        long sum0 = sums[0];
        long sum1 = sums[1];
        long sum2 = sums[2];
        long sum3 = sums[3];
        long sum4 = sums[4];
        long sum5 = sums[5];
        long sum6 = sums[6];
        long sum7 = sums[7];
        for (int i = 0; i < stripes; i++) {
            int at = i * LANES;
            long word0 = words[at];
            long word1 = words[at + 1];
            long word2 = words[at + 2];
            long word3 = words[at + 3];
            long word4 = words[at + 4];
            long word5 = words[at + 5];
            long word6 = words[at + 6];
            long word7 = words[at + 7];
            sum0 += word1 + product(word0 ^ SECRET[i]);
            sum1 += word0 + product(word1 ^ SECRET[i + 1]);
            sum2 += word3 + product(word2 ^ SECRET[i + 2]);
            sum3 += word2 + product(word3 ^ SECRET[i + 3]);
            sum4 += word5 + product(word4 ^ SECRET[i + 4]);
            sum5 += word4 + product(word5 ^ SECRET[i + 5]);
            sum6 += word7 + product(word6 ^ SECRET[i + 6]);
            sum7 += word6 + product(word7 ^ SECRET[i + 7]);
        }
        sums[0] = sum0;
        sums[1] = sum1;
        sums[2] = sum2;
        sums[3] = sum3;
        sums[4] = sum4;
        sums[5] = sum5;
        sums[6] = sum6;
        sums[7] = sum7;
    }

    /** The last stripe is mixed with a part of the secret that no other is. */
    private static void addLast(long[] sums, MemorySegment data, long at) {
        for (int lane = 0; lane < sums.length; lane++) {
            long word = data.get(WORD, at + (long) lane * Long.BYTES);
            sums[lane ^ 1] += word;
            sums[lane] += product(word ^ secret(SECRET_BYTES - STRIPE_BYTES - 7 + lane * Long.BYTES));
        }
    }

    private static void scramble(long[] sums) {
        for (int lane = 0; lane < sums.length; lane++) {
            long sum = sums[lane];
            sums[lane] = (sum ^ (sum >>> 47) ^ SECRET[SECRET.length - sums.length + lane]) * PRIME32_1;
        }
    }

    private static long merged(long[] sums, int secretByte, long start) {
        long merged = start;
        for (int lane = 0; lane < sums.length; lane += 2) {
            long one = sums[lane] ^ secret(secretByte + lane * Long.BYTES);
            long other = sums[lane + 1] ^ secret(secretByte + (lane + 1) * Long.BYTES);
            merged += one * other ^ Math.unsignedMultiplyHigh(one, other);
        }
        merged = (merged ^ (merged >>> 37)) * PRIME_OF_AVALANCHE;
        return merged ^ (merged >>> 32);
    }

    private static long product(long word) {
        return (word & LOW_HALF) * (word >>> 32);
    }

    /** Eight bytes of the secret from any byte on. */
    private static long secret(int fromByte) {
        int word = fromByte / Long.BYTES;
        int bits = fromByte % Long.BYTES * Byte.SIZE;
        return bits == 0 ? SECRET[word] : SECRET[word] >>> bits | SECRET[word + 1] << (Long.SIZE - bits);
    }
}
