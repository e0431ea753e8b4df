package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What statfs(2) says of a mounted file system.
 *
 * @param type the file system's magic number, for instance 0xEF53 for ext4
 * @param totalBytes its size
 * @param freeBytes what is free, the part reserved for root included
 * @param usableBytes what is free to everyone
 * @param inodeCount the inodes there can be; 0 where there is no limit
 * @param freeInodeCount the inodes that are left
 * @param longestNameBytes the longest name
 */
public record HostFileSystem(
        long type,
        long totalBytes,
        long freeBytes,
        long usableBytes,
        long inodeCount,
        long freeInodeCount,
        long longestNameBytes) {

    /**
     * Reads struct statfs, on x86_64 and aarch64 alike 120 bytes, each field one word.
     *
     * <pre>
     *   0 type     8 bsize   16 blocks    24 bfree    32 bavail
     *  40 files   48 ffree   56 fsid      64 namelen  72 frsize   80 flags   88 -
     * </pre>
     */
    static HostFileSystem read(MemorySegment source) {
        var unitBytes = word(source, 9) != 0 ? word(source, 9) : word(source, 1);
        return new HostFileSystem(
                word(source, 0),
                word(source, 2) * unitBytes,
                word(source, 3) * unitBytes,
                word(source, 4) * unitBytes,
                word(source, 5),
                word(source, 6),
                word(source, 8));
    }

    private static long word(MemorySegment source, int index) {
        return source.get(ValueLayout.JAVA_LONG, (long) index * Long.BYTES);
    }
}
