package samepage.vfs;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.function.Function;

/**
 * How a volume is mounted.
 *
 * @param cacheBytes memory for pages
 * @param memory allocates it and the buffers of writeback, to be freed with the arena
 * @param accessTimes when reading moves the access time
 * @param directoriesToo whether it does so of directories
 * @param accessControlLists whether whoever comes by the mount is bound by them, the kernel for one: then they and the modes are
 *     kept true to each other, and what is made in a directory inherits its default; else they are kept only
 */
public record VfsOptions(
        long cacheBytes,
        Function<Arena, SegmentAllocator> memory,
        AccessTimes accessTimes,
        boolean directoriesToo,
        boolean accessControlLists) {
    public static final VfsOptions DEFAULT =
            new VfsOptions(256L << 20, arena -> arena, AccessTimes.RELATIVE, true, false);

    /** When reading moves the access time. */
    public enum AccessTimes {
        /** Where it is not after the last change, or a day old: relatime. */
        RELATIVE,
        /** Never: noatime. */
        NEVER,
        /** Always: strictatime. */
        ALWAYS
    }

    public VfsOptions withCacheBytes(long newCacheBytes) {
        return new VfsOptions(newCacheBytes, memory, accessTimes, directoriesToo, accessControlLists);
    }

    public VfsOptions withMemory(Function<Arena, SegmentAllocator> newMemory) {
        return new VfsOptions(cacheBytes, newMemory, accessTimes, directoriesToo, accessControlLists);
    }

    public VfsOptions withAccessTimes(AccessTimes newAccessTimes) {
        return new VfsOptions(cacheBytes, memory, newAccessTimes, directoriesToo, accessControlLists);
    }

    /** Access control lists are true. */
    public VfsOptions withAccessControlLists() {
        return new VfsOptions(cacheBytes, memory, accessTimes, directoriesToo, true);
    }

    /** Reading a directory leaves its access time: nodiratime. */
    public VfsOptions withoutDirectories() {
        return new VfsOptions(cacheBytes, memory, accessTimes, false, accessControlLists);
    }
}
