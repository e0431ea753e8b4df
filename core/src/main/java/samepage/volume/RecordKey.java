package samepage.volume;

import java.nio.ByteBuffer;

/**
 * The keys of a volume's records. Numbers are big-endian and non-negative, so that keys sort as numbers do.
 *
 * <pre>
 *   'A'                                        accounting
 *   'C' chunk (8)                              checksums of one chunk of physical blocks
 *   'D' directory (8) cookie (8) name (1..255) directory entry
 *   'E' inode (8) file block (8)               extent
 *   'I' inode (8)                              inode
 *   'N'                                        number of commits made, this one included
 *   'O' inode (8)                              orphan: unlinked, to be freed when nobody has it open
 *   'R' physical block (8)                     reference count of a run
 *   'S' inode (8)                              symbolic link's target
 *   'X' inode (8) name (1..255)                extended attribute
 * </pre>
 */
final class RecordKey {
    static final byte ACCOUNTING = 'A';
    static final byte CHECKSUMS = 'C';
    static final byte ENTRY = 'D';
    static final byte EXTENT = 'E';
    static final byte INODE = 'I';
    static final byte COMMITS = 'N';
    static final byte ORPHAN = 'O';
    static final byte REFERENCES = 'R';
    static final byte SYMLINK = 'S';
    static final byte XATTR = 'X';

    private static final int FIRST = 1;
    private static final int SECOND = FIRST + Long.BYTES;
    private static final int THIRD = SECOND + Long.BYTES;

    private RecordKey() {}

    static byte[] of(byte table) {
        return new byte[] {table};
    }

    static byte[] of(byte table, long first) {
        return ByteBuffer.allocate(SECOND).put(table).putLong(first).array();
    }

    static byte[] of(byte table, long first, long second) {
        return ByteBuffer.allocate(THIRD)
                .put(table)
                .putLong(first)
                .putLong(second)
                .array();
    }

    static byte[] of(byte table, long first, byte[] name) {
        return ByteBuffer.allocate(SECOND + name.length)
                .put(table)
                .putLong(first)
                .put(name)
                .array();
    }

    static byte[] of(byte table, long first, long second, byte[] name) {
        return ByteBuffer.allocate(THIRD + name.length)
                .put(table)
                .putLong(first)
                .putLong(second)
                .put(name)
                .array();
    }

    static long first(byte[] key) {
        return ByteBuffer.wrap(key).getLong(FIRST);
    }

    static long second(byte[] key) {
        return ByteBuffer.wrap(key).getLong(SECOND);
    }

    static byte[] nameAfterFirst(byte[] key) {
        return java.util.Arrays.copyOfRange(key, SECOND, key.length);
    }

    static byte[] nameAfterSecond(byte[] key) {
        return java.util.Arrays.copyOfRange(key, THIRD, key.length);
    }
}
