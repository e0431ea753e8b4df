package samepage.linux.reflink;

import java.util.Arrays;

/** Reads what {@link RecordWriter} wrote; a record that ends too soon is {@link IndexOutOfBoundsException}. */
final class RecordReader {
    private final byte[] bytes;
    private int position;

    RecordReader(byte[] bytes) {
        this.bytes = bytes;
    }

    long number() {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = bytes[position++];
            value |= (next & 0x7fL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    char int16() {
        position += Character.BYTES;
        return (char) ((bytes[position - 2] << Byte.SIZE) | (bytes[position - 1] & 0xff));
    }

    int int32() {
        int value = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            value = (value << Byte.SIZE) | (bytes[position++] & 0xff);
        }
        return value;
    }

    long int64() {
        return ((long) int32() << Integer.SIZE) | Integer.toUnsignedLong(int32());
    }

    /** What was written as its difference to that number. */
    long numberAfter(long before) {
        long folded = number();
        return before + ((folded >>> 1) ^ -(folded & 1));
    }

    boolean isAtEnd() {
        return position == bytes.length;
    }

    /** All that was not read yet. */
    byte[] rest() {
        int from = position;
        position = bytes.length;
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    byte[] bytes() {
        int length = (int) number();
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }
}
