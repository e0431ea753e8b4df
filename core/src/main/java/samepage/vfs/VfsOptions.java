package samepage.vfs;

/**
 * How a volume is mounted.
 *
 * @param cacheBytes memory for pages
 * @param accessTimes when reading moves the access time
 * @param directoriesToo whether it does so of directories
 */
public record VfsOptions(long cacheBytes, AccessTimes accessTimes, boolean directoriesToo) {
    public static final VfsOptions DEFAULT = new VfsOptions(256L << 20, AccessTimes.RELATIVE, true);

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
        return new VfsOptions(newCacheBytes, accessTimes, directoriesToo);
    }

    public VfsOptions withAccessTimes(AccessTimes newAccessTimes) {
        return new VfsOptions(cacheBytes, newAccessTimes, directoriesToo);
    }

    /** Reading a directory leaves its access time: nodiratime. */
    public VfsOptions withoutDirectories() {
        return new VfsOptions(cacheBytes, accessTimes, false);
    }
}
