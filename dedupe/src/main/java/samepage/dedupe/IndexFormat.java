package samepage.dedupe;

/**
 * An entry of the fingerprint index. The file is a number of seven bits a byte, the lowest first; the block has as few bytes as
 * it needs, big-endian, and none for 0.
 *
 * <pre>
 *   key     'k' (1)   fingerprint's upper 48 bits (6)
 *   value   file (1..10)   block (0..8)
 * </pre>
 */
final class IndexFormat {
    private static final byte TABLE = 'k';
    private static final int KEY_BYTES = 6;

    private IndexFormat() {}

    /** A fingerprint's key as a number: what it begins with, for an index of ten terabytes one false match in 10^6 look-ups. */
    static long keyOf(long fingerprintHigh) {
        return fingerprintHigh >>> (Long.SIZE - KEY_BYTES * Byte.SIZE);
    }

    static byte[] encodeKey(long key) {
        byte[] bytes = new byte[1 + KEY_BYTES];
        bytes[0] = TABLE;
        put(bytes, 1, KEY_BYTES, key);
        return bytes;
    }

    static byte[] encode(BlockLocation location) {
        int fileBytes = Math.max(1, Math.ceilDiv(bitsOf(location.file()), 7));
        int blockBytes = Math.ceilDiv(bitsOf(location.block()), Byte.SIZE);
        byte[] value = new byte[fileBytes + blockBytes];
        for (int i = 0; i < fileBytes; i++) {
            value[i] = (byte) ((location.file() >>> (7 * i) & 0x7f) | (i < fileBytes - 1 ? 0x80 : 0));
        }
        put(value, fileBytes, blockBytes, location.block());
        return value;
    }

    static BlockLocation decode(byte[] value) {
        long file = 0;
        int at = 0;
        do {
            file |= (value[at] & 0x7fL) << (7 * at);
        } while (value[at++] < 0);
        return new BlockLocation(file, get(value, at, value.length - at));
    }

    private static int bitsOf(long number) {
        return Long.SIZE - Long.numberOfLeadingZeros(number);
    }

    private static void put(byte[] bytes, int offset, int length, long number) {
        for (int i = 0; i < length; i++) {
            bytes[offset + i] = (byte) (number >>> ((length - 1 - i) * Byte.SIZE));
        }
    }

    private static long get(byte[] bytes, int offset, int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number = (number << Byte.SIZE) | (bytes[offset + i] & 0xFF);
        }
        return number;
    }
}
