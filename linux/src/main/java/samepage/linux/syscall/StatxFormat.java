package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * struct statx, the same on every architecture; 256 bytes.
 *
 * <pre>
 *    0 mask u32         4 blksize u32      8 attributes u64
 *   16 nlink u32       20 uid u32         24 gid u32           28 mode u16    30 -
 *   32 ino u64         40 size u64        48 blocks u64        56 attributes_mask u64
 *   64 atime           80 btime           96 ctime            112 mtime       each: seconds s64, nanoseconds u32, -
 *  128 rdev_major u32 132 rdev_minor u32 136 dev_major u32    140 dev_minor u32
 *  144 mnt_id u64     ...
 * </pre>
 */
final class StatxFormat {
    /** What {@link #read} needs: STATX_BASIC_STATS and STATX_BTIME. */
    static final int WANTED = 0xfff;

    /** What {@link #mountId} needs: STATX_MNT_ID. */
    static final int MOUNT_ID = 0x1000;

    private static final int HAS_BORN = 0x800;
    /** The unit of stx_blocks, whatever the file system's block size. */
    private static final int UNIT_BYTES = 512;

    private static final int MASK = 0;
    private static final int BLOCK_SIZE = MASK + Integer.BYTES;
    private static final int ATTRIBUTES = BLOCK_SIZE + Integer.BYTES;
    private static final int LINK_COUNT = ATTRIBUTES + Long.BYTES;
    private static final int USER_ID = LINK_COUNT + Integer.BYTES;
    private static final int GROUP_ID = USER_ID + Integer.BYTES;
    private static final int MODE = GROUP_ID + Integer.BYTES;
    private static final int INODE = MODE + Integer.BYTES;
    private static final int SIZE = INODE + Long.BYTES;
    private static final int BLOCKS = SIZE + Long.BYTES;
    private static final int ATTRIBUTES_MASK = BLOCKS + Long.BYTES;
    private static final int TIME_BYTES = 2 * Long.BYTES;
    private static final int ACCESSED = ATTRIBUTES_MASK + Long.BYTES;
    private static final int BORN = ACCESSED + TIME_BYTES;
    private static final int CHANGED = BORN + TIME_BYTES;
    private static final int MODIFIED = CHANGED + TIME_BYTES;
    private static final int SPECIAL_MAJOR = MODIFIED + TIME_BYTES;
    private static final int SPECIAL_MINOR = SPECIAL_MAJOR + Integer.BYTES;
    private static final int DEVICE_MAJOR = SPECIAL_MINOR + Integer.BYTES;
    private static final int DEVICE_MINOR = DEVICE_MAJOR + Integer.BYTES;

    private static final int MOUNT = DEVICE_MINOR + Integer.BYTES;

    private StatxFormat() {}

    static long mountId(MemorySegment source) {
        return source.get(ValueLayout.JAVA_LONG, MOUNT);
    }

    static HostStat read(MemorySegment source) {
        return new HostStat(
                new HostFileId(
                        source.get(ValueLayout.JAVA_INT, DEVICE_MAJOR),
                        source.get(ValueLayout.JAVA_INT, DEVICE_MINOR),
                        source.get(ValueLayout.JAVA_LONG, INODE)),
                source.get(ValueLayout.JAVA_SHORT, MODE) & 0xffff,
                source.get(ValueLayout.JAVA_INT, LINK_COUNT),
                source.get(ValueLayout.JAVA_INT, USER_ID),
                source.get(ValueLayout.JAVA_INT, GROUP_ID),
                source.get(ValueLayout.JAVA_INT, SPECIAL_MAJOR),
                source.get(ValueLayout.JAVA_INT, SPECIAL_MINOR),
                source.get(ValueLayout.JAVA_LONG, SIZE),
                source.get(ValueLayout.JAVA_LONG, BLOCKS) * UNIT_BYTES,
                source.get(ValueLayout.JAVA_INT, BLOCK_SIZE),
                time(source, ACCESSED),
                time(source, MODIFIED),
                time(source, CHANGED),
                born(source));
    }

    private static @Nullable HostTime born(MemorySegment source) {
        return (source.get(ValueLayout.JAVA_INT, MASK) & HAS_BORN) == 0 ? null : time(source, BORN);
    }

    private static HostTime time(MemorySegment source, int position) {
        return new HostTime(
                source.get(ValueLayout.JAVA_LONG, position), source.get(ValueLayout.JAVA_INT, position + Long.BYTES));
    }
}
