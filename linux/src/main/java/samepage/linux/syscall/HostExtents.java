package samepage.linux.syscall;

import java.lang.foreign.ValueLayout;
import samepage.errno.VfsException;

/**
 * Where a file's storage is, as FIEMAP tells it: struct fiemap, then struct fiemap_extent, as many as there is room for.
 *
 * <pre>
 *   0 start u64   8 length u64   16 flags u32   20 mapped_extents u32   24 extent_count u32   28 reserved u32
 *
 *   0 logical u64   8 physical u64   16 length u64   24 reserved 2 * u64   40 flags u32   44 reserved 3 * u32
 * </pre>
 */
public final class HostExtents {
    /** The last extent of the file. */
    public static final int LAST = 0x1;
    /** Not on the disk yet, or nobody says where. */
    public static final int UNKNOWN = 0x2;
    /** Compressed or encrypted: the physical offset is where the encoded data begin. */
    public static final int ENCODED = 0x8;
    /** Within metadata, where it shares nothing. */
    public static final int NOT_ALIGNED = 0x100;
    /** Allocated, and reads as zeros. */
    public static final int UNWRITTEN = 0x800;
    /** Another file, or another place of this one, has the storage, too. */
    public static final int SHARED = 0x2000;

    private static final long FS_IOC_FIEMAP = 0xC020660BL;

    /** FIEMAP_FLAG_SYNC: what is dirty would be told as unwritten or nowhere. */
    private static final int WRITE_BACK_FIRST = 0x1;

    private static final int START = 0;
    private static final int LENGTH = START + Long.BYTES;
    private static final int FLAGS = LENGTH + Long.BYTES;
    private static final int MAPPED = FLAGS + Integer.BYTES;
    private static final int CAPACITY = MAPPED + Integer.BYTES;
    private static final int EXTENTS = CAPACITY + 2 * Integer.BYTES;

    private static final int LOGICAL = 0;
    private static final int PHYSICAL = LOGICAL + Long.BYTES;
    private static final int EXTENT_LENGTH = PHYSICAL + Long.BYTES;
    private static final int EXTENT_FLAGS = EXTENT_LENGTH + 3 * Long.BYTES;
    private static final int EXTENT_BYTES = EXTENT_FLAGS + 4 * Integer.BYTES;

    private HostExtents() {}

    /** Is told of one extent after the other: offsets and length in bytes, flags as named here. Says whether to go on. */
    public interface Visitor {
        boolean visit(long offsetBytes, long physicalBytes, long lengthBytes, int flags);
    }

    static void visit(HostFile file, long fromBytes, long toBytes, Visitor visitor) throws VfsException {
        var start = fromBytes;
        var isLast = start >= toBytes;
        while (!isLast) {
            var bulk = CallScratch.ofThread().bulk();
            bulk.set(ValueLayout.JAVA_LONG, START, start);
            bulk.set(ValueLayout.JAVA_LONG, LENGTH, toBytes - start);
            bulk.set(ValueLayout.JAVA_INT, FLAGS, WRITE_BACK_FIRST);
            bulk.set(ValueLayout.JAVA_INT, MAPPED, 0);
            bulk.set(ValueLayout.JAVA_INT, CAPACITY, (CallScratch.BULK_BYTES - EXTENTS) / EXTENT_BYTES);
            file.control(FS_IOC_FIEMAP, bulk);
            var count = bulk.get(ValueLayout.JAVA_INT, MAPPED);
            isLast = count == 0;
            for (var i = 0; i < count && !isLast; i++) {
                var at = EXTENTS + (long) i * EXTENT_BYTES;
                var offset = bulk.get(ValueLayout.JAVA_LONG, at + LOGICAL);
                var length = bulk.get(ValueLayout.JAVA_LONG, at + EXTENT_LENGTH);
                var flags = bulk.get(ValueLayout.JAVA_INT, at + EXTENT_FLAGS);
                isLast = !visitor.visit(offset, bulk.get(ValueLayout.JAVA_LONG, at + PHYSICAL), length, flags);
                start = offset + length;
                isLast |= (flags & LAST) != 0 || length <= 0 || start >= toBytes;
            }
        }
    }
}
