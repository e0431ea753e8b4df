package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * The events of a fanotify group that reports directories and names, as read(2) fills a buffer with them; each begins at a
 * multiple of 4 bytes.
 *
 * <pre>
 *    0 event_len u32   4 vers u8   5 -   6 metadata_len u16   8 mask u64   16 fd s32   20 pid s32
 *   then information, up to event_len; of it that of type 2:
 *    0 type u8   1 -   2 len u16   4 fsid 8 bytes
 *   12 handle_bytes u32   16 handle_type s32   20 the handle   then the name, ends in NUL
 * </pre>
 */
final class WatchEventFormat {
    static final long CLOSED_AFTER_WRITING = 0x8;
    static final long MOVED_AWAY = 0x40;
    static final long MOVED_HERE = 0x80;
    static final long CREATED = 0x100;
    static final long DELETED = 0x200;
    static final long ABOUT_DIRECTORIES = 0x4000_0000;

    private static final long OVERFLOW = 0x4000;

    private static final int LENGTH = 0;
    private static final int HEADER_LENGTH = 6;
    private static final int MASK = 8;
    private static final int PROCESS = 20;

    private static final int DIRECTORY_AND_NAME = 2;
    private static final int INFORMATION_LENGTH = 2;
    private static final int HANDLE = 12;
    private static final int HANDLE_HEADER = 8;

    private WatchEventFormat() {}

    /**
     * Hands on the changes in the first bytes of the buffer that others than this process have made.
     *
     * @return false where the kernel says that it has lost some
     */
    static boolean read(MemorySegment source, long sourceBytes, long ownProcess, Consumer<HostChange> changes) {
        boolean isWhole = true;
        for (long at = 0; at < sourceBytes; at += source.get(ValueLayout.JAVA_INT_UNALIGNED, at + LENGTH)) {
            long mask = source.get(ValueLayout.JAVA_LONG_UNALIGNED, at + MASK);
            if ((mask & OVERFLOW) != 0) {
                isWhole = false;
            } else if (source.get(ValueLayout.JAVA_INT_UNALIGNED, at + PROCESS) != ownProcess) {
                readInformation(source, at, mask, changes);
            }
        }
        return isWhole;
    }

    private static void readInformation(MemorySegment source, long event, long mask, Consumer<HostChange> changes) {
        long end = event + source.get(ValueLayout.JAVA_INT_UNALIGNED, event + LENGTH);
        long at = event + source.get(ValueLayout.JAVA_SHORT_UNALIGNED, event + HEADER_LENGTH);
        while (at < end) {
            long informationEnd = at + (source.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + INFORMATION_LENGTH) & 0xffff);
            if (source.get(ValueLayout.JAVA_BYTE, at) == DIRECTORY_AND_NAME) {
                int handleBytes = HANDLE_HEADER + source.get(ValueLayout.JAVA_INT_UNALIGNED, at + HANDLE);
                byte[] handle = source.asSlice(at + HANDLE, handleBytes).toArray(ValueLayout.JAVA_BYTE);
                byte[] name = CStrings.read(source, at + HANDLE + handleBytes, informationEnd);
                if (HostPath.isName(name)) {
                    changes.accept(new HostChange(
                            handle,
                            name,
                            (mask & ABOUT_DIRECTORIES) != 0,
                            (mask & (CREATED | MOVED_HERE)) != 0,
                            (mask & (MOVED_HERE | MOVED_AWAY)) != 0));
                }
            }
            at = informationEnd;
        }
    }
}
