package samepage.dedupe;

/**
 * An entry of the fingerprint index. Both numbers of the value are of as few bytes as they need, big-endian; the first byte
 * says how many the file takes.
 *
 * <pre>
 *   key     'k' (1)   fingerprint's upper 56 bits (7)
 *   value   bytes of file (1)   file (0..8)   block (0..8)
 * </pre>
 */
final class IndexFormat {
    private static final byte TABLE = 'k';
    private static final int KEY_BYTES = 7;

    private IndexFormat() {}

    /** A fingerprint's key as a number: what it begins with, for an index of a terabyte one false match in 10^9 look-ups. */
    static long keyOf(long fingerprintHigh) {
        return fingerprintHigh >>> Byte.SIZE;
    }

    static byte[] encodeKey(long key) {
        byte[] bytes = new byte[1 + KEY_BYTES];
        bytes[0] = TABLE;
        put(bytes, 1, KEY_BYTES, key);
        return bytes;
    }

    static byte[] encode(BlockLocation location) {
        int fileBytes = bytesOf(location.file());
        byte[] value = new byte[1 + fileBytes + bytesOf(location.block())];
        value[0] = (byte) fileBytes;
        put(value, 1, fileBytes, location.file());
        put(value, 1 + fileBytes, value.length - 1 - fileBytes, location.block());
        return value;
    }

    static BlockLocation decode(byte[] value) {
        int fileBytes = value[0];
        return new BlockLocation(get(value, 1, fileBytes), get(value, 1 + fileBytes, value.length - 1 - fileBytes));
    }

    private static int bytesOf(long number) {
        return (Long.SIZE - Long.numberOfLeadingZeros(number) + Byte.SIZE - 1) / Byte.SIZE;
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
