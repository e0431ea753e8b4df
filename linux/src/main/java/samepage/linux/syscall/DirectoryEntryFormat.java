package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * struct linux_dirent64, as getdents64(2) fills a buffer with them; each begins at a multiple of 8 bytes.
 *
 * <pre>
 *   0 ino u64    8 off s64    16 reclen u16    18 type u8    19 name, NUL, padding up to reclen
 * </pre>
 */
final class DirectoryEntryFormat {
    private static final int INODE = 0;
    private static final int NEXT_OFFSET = INODE + Long.BYTES;
    private static final int LENGTH = NEXT_OFFSET + Long.BYTES;
    private static final int TYPE = LENGTH + Short.BYTES;
    private static final int NAME = TYPE + Byte.BYTES;

    private DirectoryEntryFormat() {}

    /** Adds the entries in the first bytes of the buffer, {@code .} and {@code ..} left out. */
    static void read(MemorySegment source, long sourceBytes, List<HostEntry> entries) {
        var position = 0L;
        while (position < sourceBytes) {
            var name = name(source, position);
            if (HostPath.isName(name)) {
                var type = source.get(ValueLayout.JAVA_BYTE, position + TYPE);
                var inode = source.get(ValueLayout.JAVA_LONG, position + INODE);
                entries.add(new HostEntry(name, inode, HostFileType.ofDirectoryEntry(type)));
            }
            position += source.get(ValueLayout.JAVA_SHORT, position + LENGTH) & 0xffff;
        }
    }

    private static byte[] name(MemorySegment source, long position) {
        var start = position + NAME;
        var length = 0;
        while (source.get(ValueLayout.JAVA_BYTE, start + length) != 0) {
            length++;
        }
        var name = new byte[length];
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, start, name, 0, length);
        return name;
    }
}
