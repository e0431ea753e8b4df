package samepage.linux.reflink;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.DedupeTarget;
import samepage.linux.syscall.HostStat;

/**
 * A regular file of the tree: found by the walk, or read from the index.
 *
 * @param id its place in the order of reading
 * @param root which of the roots it is below
 * @param path from the root on; empty where the root is the file itself
 * @param subvolume of Btrfs; 0 elsewhere
 * @param version what stands for its times, in 32 bits: another one, and the content may be another; 0 where nobody has asked
 * @param firstBlock where an earlier run left off
 * @param replaces the id that the file had when the index saw it last; 0 for none
 * @param extents null where the file system does not tell them, nobody has asked, or they are too many to keep in memory
 */
// A record compares arrays by identity; nothing compares files.
@SuppressWarnings("ArrayRecordComponent")
record TreeFile(
        long id,
        int root,
        byte[] path,
        long subvolume,
        long inode,
        long sizeBytes,
        long version,
        long firstBlock,
        long replaces,
        @Nullable ExtentList extents)
        implements DedupeTarget.File {

    private static final long VERSION_MASK = (1L << 32) - 1;

    TreeFile withId(long newId) {
        return new TreeFile(newId, root, path, subvolume, inode, sizeBytes, version, firstBlock, replaces, extents);
    }

    TreeFile withExtents(@Nullable ExtentList found) {
        return new TreeFile(id, root, path, subvolume, inode, sizeBytes, version, firstBlock, replaces, found);
    }

    TreeFile startingAt(long block, long versionThen) {
        return new TreeFile(id, root, path, subvolume, inode, sizeBytes, versionThen, block, replaces, extents);
    }

    TreeFile replacing(long formerId) {
        return new TreeFile(id, root, path, subvolume, inode, sizeBytes, version, firstBlock, formerId, extents);
    }

    /** Whether what was opened by the file's path, in full, is the file, as it was when it was found. */
    boolean isStill(HostStat stat, byte[] fullPath) {
        return stat.isRegular() && stat.id().inode() == inode && versionOf(stat, fullPath) == version;
    }

    long blockCount(int blockSize) {
        return Math.ceilDiv(sizeBytes, (long) blockSize);
    }

    /**
     * What tells whether a file has changed, or is found by another path: of a status, where the time of birth stands for the
     * inode's generation; and where the file has one name only, the full path, which a directory's renaming changes as well.
     */
    static long versionOf(HostStat stat, byte[] fullPath) {
        long hash = mix(stat.sizeBytes());
        hash = mix(hash ^ stat.modified().seconds());
        hash = mix(hash ^ stat.modified().nanoseconds());
        hash = mix(hash ^ stat.changed().seconds());
        hash = mix(hash ^ stat.changed().nanoseconds());
        hash = stat.linkCount() == 1 ? mix(hash ^ Arrays.hashCode(fullPath)) : hash;
        var born = stat.born();
        return (born == null ? hash : mix(mix(hash ^ born.seconds()) ^ born.nanoseconds())) & VERSION_MASK;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }
}
