package samepage.linux.reflink;

/**
 * How the tree is looked through.
 *
 * @param blockSize bytes that one fingerprint stands for, a power of two, at least the file system's own block
 * @param readers how many threads read
 * @param bytesPerSecond how fast to read at most; 0 for as fast as it goes
 * @param maxSharedExtents how many extents to remember that several files have, so that they are read once, and how many groups
 *     of files with several names, so that they are looked at once
 * @param maxPendingBytes how much of what was found out may be in memory before it is written to the index
 * @param dryRun whether nothing is to be shared or remembered: the answer to each request is that it was done
 */
public record ReflinkOptions(
        int blockSize, int readers, long bytesPerSecond, int maxSharedExtents, long maxPendingBytes, boolean dryRun) {
    public static final ReflinkOptions DEFAULT = new ReflinkOptions(4096, 8, 0, 1 << 18, 16 << 20, false);

    public ReflinkOptions {
        if (Integer.bitCount(blockSize) != 1 || blockSize < 512) {
            throw new IllegalArgumentException("blockSize=" + blockSize);
        }
        if (readers < 1 || bytesPerSecond < 0 || maxSharedExtents < 1) {
            throw new IllegalArgumentException("readers=" + readers + " bytesPerSecond=" + bytesPerSecond
                    + " maxSharedExtents=" + maxSharedExtents);
        }
    }

    public ReflinkOptions withBlockSize(int bytes) {
        return new ReflinkOptions(bytes, readers, bytesPerSecond, maxSharedExtents, maxPendingBytes, dryRun);
    }

    public ReflinkOptions withReaders(int threads) {
        return new ReflinkOptions(blockSize, threads, bytesPerSecond, maxSharedExtents, maxPendingBytes, dryRun);
    }

    public ReflinkOptions withBytesPerSecond(long bytes) {
        return new ReflinkOptions(blockSize, readers, bytes, maxSharedExtents, maxPendingBytes, dryRun);
    }

    public ReflinkOptions withMaxSharedExtents(int extents) {
        return new ReflinkOptions(blockSize, readers, bytesPerSecond, extents, maxPendingBytes, dryRun);
    }

    public ReflinkOptions withMaxPendingBytes(long bytes) {
        return new ReflinkOptions(blockSize, readers, bytesPerSecond, maxSharedExtents, bytes, dryRun);
    }

    public ReflinkOptions withDryRun(boolean isDry) {
        return new ReflinkOptions(blockSize, readers, bytesPerSecond, maxSharedExtents, maxPendingBytes, isDry);
    }
}
