package samepage.volume;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;

/**
 * A directory entry's record. Entries sort by a hash of the name, so that a place in a directory fits into one number and
 * stays what it is while others come and go.
 *
 * <pre>
 *   key 'D' directory (8) cookie (8) name        value: inode (8), type (1, st_mode's four bits)
 * </pre>
 */
final class EntryFormat {
    /** Cookies below are left to "." and ".." and to whoever reads a directory from its beginning. */
    private static final long FIRST_COOKIE = 16;

    private static final int TYPE_SHIFT = 12;

    private EntryFormat() {}

    static byte[] key(long directory, byte[] name) {
        return RecordKey.of(RecordKey.ENTRY, directory, cookie(name), name);
    }

    static byte[] encode(long ino, FileType type) {
        return ByteBuffer.allocate(Long.BYTES + 1)
                .putLong(ino)
                .put((byte) (type.modeBits() >>> TYPE_SHIFT))
                .array();
    }

    static DirectoryEntry decode(byte[] key, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        return new DirectoryEntry(
                RecordKey.nameAfterSecond(key),
                bytes.getLong(0),
                FileType.ofMode(bytes.get(Long.BYTES) << TYPE_SHIFT),
                RecordKey.second(key));
    }

    static long cookie(byte[] name) {
        return Math.max(FIRST_COOKIE, Hashing.xxh3_64().hashBytesToLong(name) >>> 1);
    }
}
