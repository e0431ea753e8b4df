package samepage.volume;

import java.nio.ByteBuffer;

/**
 * An inode record's bytes, big-endian.
 *
 * <pre>
 *   0      4     8     12    16      24     32       40      44       52       64       76       88      100
 *   +------+-----+-----+-----+-------+------+--------+-------+--------+--------+--------+--------+--------+
 *   | mode | uid | gid |links| rdev  | size | mapped | flags | parent | access | modify | change | birth  |
 *   +------+-----+-----+-----+-------+------+--------+-------+--------+--------+--------+--------+--------+
 *   a time is: seconds (8), nanoseconds (4)
 * </pre>
 */
final class InodeFormat {
    private static final int MODE = 0;
    private static final int UID = MODE + Integer.BYTES;
    private static final int GID = UID + Integer.BYTES;
    private static final int LINK_COUNT = GID + Integer.BYTES;
    private static final int DEVICE_NUMBER = LINK_COUNT + Integer.BYTES;
    private static final int SIZE_BYTES = DEVICE_NUMBER + Long.BYTES;
    private static final int MAPPED_BLOCKS = SIZE_BYTES + Long.BYTES;
    private static final int FLAGS = MAPPED_BLOCKS + Long.BYTES;
    private static final int PARENT = FLAGS + Integer.BYTES;
    private static final int ACCESS_TIME = PARENT + Long.BYTES;
    private static final int TIME_LENGTH = Long.BYTES + Integer.BYTES;
    private static final int MODIFY_TIME = ACCESS_TIME + TIME_LENGTH;
    private static final int CHANGE_TIME = MODIFY_TIME + TIME_LENGTH;
    private static final int BIRTH_TIME = CHANGE_TIME + TIME_LENGTH;
    static final int LENGTH = BIRTH_TIME + TIME_LENGTH;

    private InodeFormat() {}

    static byte[] encode(InodeRecord inode) {
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH);
        bytes.putInt(MODE, inode.mode());
        bytes.putInt(UID, inode.uid());
        bytes.putInt(GID, inode.gid());
        bytes.putInt(LINK_COUNT, inode.linkCount());
        bytes.putLong(DEVICE_NUMBER, inode.deviceNumber());
        bytes.putLong(SIZE_BYTES, inode.sizeBytes());
        bytes.putLong(MAPPED_BLOCKS, inode.mappedBlocks());
        bytes.putInt(FLAGS, inode.flags());
        bytes.putLong(PARENT, inode.parent());
        putTime(bytes, ACCESS_TIME, inode.accessTime());
        putTime(bytes, MODIFY_TIME, inode.modifyTime());
        putTime(bytes, CHANGE_TIME, inode.changeTime());
        putTime(bytes, BIRTH_TIME, inode.birthTime());
        return bytes.array();
    }

    static InodeRecord decode(long ino, byte[] value) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        return new InodeRecord(
                ino,
                bytes.getInt(MODE),
                bytes.getInt(UID),
                bytes.getInt(GID),
                bytes.getInt(LINK_COUNT),
                bytes.getLong(DEVICE_NUMBER),
                bytes.getLong(SIZE_BYTES),
                bytes.getLong(MAPPED_BLOCKS),
                bytes.getInt(FLAGS),
                bytes.getLong(PARENT),
                time(bytes, ACCESS_TIME),
                time(bytes, MODIFY_TIME),
                time(bytes, CHANGE_TIME),
                time(bytes, BIRTH_TIME));
    }

    private static void putTime(ByteBuffer bytes, int offset, Timestamp time) {
        bytes.putLong(offset, time.seconds());
        bytes.putInt(offset + Long.BYTES, time.nanos());
    }

    private static Timestamp time(ByteBuffer bytes, int offset) {
        return new Timestamp(bytes.getLong(offset), bytes.getInt(offset + Long.BYTES));
    }
}
