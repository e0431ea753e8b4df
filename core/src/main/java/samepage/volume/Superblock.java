package samepage.volume;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * What must be known before anything else of a volume can be read. Written once, when the volume is created; the same
 * bytes are the first block of the data file, so that data and metadata of two volumes cannot be mixed up.
 *
 * <pre>
 *   0          8         12           16         24       32        40       48         508   512
 *   +----------+---------+------------+----------+--------+---------+--------+-- ... ---+-----+
 *   | SAMEPAGE | version | block size | features | id high| id low  | created| zeros    | crc |
 *   +----------+---------+------------+----------+--------+---------+--------+-- ... ---+-----+
 *   big-endian; features: bits whoever does not know must not open it; created: milliseconds since 1970;
 *   crc: CRC-32C of the bytes before it
 * </pre>
 */
record Superblock(int version, int blockSize, long features, UUID id, long createdMillis) {
    static final int VERSION = 1;
    static final long KNOWN_FEATURES = 0;

    private static final byte[] MAGIC = "SAMEPAGE".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION_AT = MAGIC.length;
    private static final int BLOCK_SIZE_AT = VERSION_AT + Integer.BYTES;
    private static final int FEATURES_AT = BLOCK_SIZE_AT + Integer.BYTES;
    private static final int ID_AT = FEATURES_AT + Long.BYTES;
    private static final int CREATED_AT = ID_AT + 2 * Long.BYTES;
    static final int LENGTH = 512;
    private static final int CRC_AT = LENGTH - Integer.BYTES;

    static Superblock create(int blockSize) {
        return new Superblock(VERSION, blockSize, 0, UUID.randomUUID(), System.currentTimeMillis());
    }

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.put(0, MAGIC);
        bytes.putInt(VERSION_AT, version);
        bytes.putInt(BLOCK_SIZE_AT, blockSize);
        bytes.putLong(FEATURES_AT, features);
        bytes.putLong(ID_AT, id.getMostSignificantBits());
        bytes.putLong(ID_AT + Long.BYTES, id.getLeastSignificantBits());
        bytes.putLong(CREATED_AT, createdMillis);
        bytes.putInt(CRC_AT, crc(bytes.array()));
        return bytes.array();
    }

    /**
     * Reads a superblock.
     *
     * @param where what to call it in a refusal
     * @throws VfsException EINVAL where it is none, EUCLEAN where it is damaged, EOPNOTSUPP where it is of a newer version
     */
    static Superblock decode(byte[] value, String where) throws VfsException {
        if (value.length < LENGTH || !java.util.Arrays.equals(value, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new VfsException(Errno.EINVAL, "not a Samepage volume: " + where);
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        if (bytes.getInt(CRC_AT) != crc(value)) {
            throw new VfsException(Errno.EUCLEAN, "the superblock is damaged: " + where);
        }
        int version = bytes.getInt(VERSION_AT);
        long features = bytes.getLong(FEATURES_AT);
        if (version > VERSION || (features & ~KNOWN_FEATURES) != 0) {
            throw new VfsException(
                    Errno.EOPNOTSUPP,
                    "the volume is of a newer version; use a newer samepage: " + where + " version=" + version
                            + " features=" + Long.toHexString(features));
        }
        return new Superblock(
                version,
                bytes.getInt(BLOCK_SIZE_AT),
                features,
                new UUID(bytes.getLong(ID_AT), bytes.getLong(ID_AT + Long.BYTES)),
                bytes.getLong(CREATED_AT));
    }

    private static int crc(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, CRC_AT);
        return (int) crc.getValue();
    }
}
