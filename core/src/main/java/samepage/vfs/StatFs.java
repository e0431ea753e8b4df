package samepage.vfs;

import samepage.volume.SpaceUsage;

/**
 * How full the volume is.
 *
 * @param totalBlocks blocks it has, or takes and could take of its host
 * @param freeBlocks blocks that could be written now
 * @param usage what is used, and how
 */
public record StatFs(int blockSize, long totalBlocks, long freeBlocks, SpaceUsage usage) {
    /** Inodes in use. */
    public long inodeCount() {
        return usage.inodeCount();
    }
}
