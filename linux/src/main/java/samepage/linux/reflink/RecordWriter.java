package samepage.linux.reflink;

import java.util.Arrays;

/** The bytes of a record: numbers of as few bytes as they need, seven bits in each; others of two, four or eight, big-endian. */
final class RecordWriter {
    private byte[] bytes;
    private int size;

    RecordWriter(int capacity) {
        bytes = new byte[capacity];
    }

    RecordWriter number(long value) {
        room(10);
        long rest = value;
        while (rest < 0 || rest > 0x7f) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    RecordWriter int16(char value) {
        room(Character.BYTES);
        bytes[size++] = (byte) (value >>> Byte.SIZE);
        bytes[size++] = (byte) value;
        return this;
    }

    RecordWriter int32(int value) {
        room(Integer.BYTES);
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            bytes[size++] = (byte) (value >>> shift);
        }
        return this;
    }

    RecordWriter int64(long value) {
        return int32((int) (value >>> Integer.SIZE)).int32((int) value);
    }

    /** A number that is near another one. */
    RecordWriter difference(long value, long before) {
        long difference = value - before;
        return number((difference << 1) ^ (difference >> (Long.SIZE - 1)));
    }

    RecordWriter bytes(byte[] value) {
        return number(value.length).plain(value);
    }

    /** Bytes up to the record's end, or whose number is known otherwise. */
    RecordWriter plain(byte[] value) {
        room(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
        return this;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}
