package samepage.volume;

/**
 * What is known of one inode, apart from its names, content and extended attributes. Immutable; a change makes a new one.
 *
 * @param ino inode number, never used again after removal
 * @param mode type and permission bits as in {@code st_mode}
 * @param linkCount names that refer to it; for a directory 2 plus its subdirectories
 * @param deviceNumber of a device node, as the host encodes it; else 0
 * @param sizeBytes length of content; of a symbolic link its target's length
 * @param mappedBlocks blocks that its extents map, shared ones included
 * @param flags see the {@code FLAG_} constants
 * @param parent of a directory the directory it is in, of the root itself; else 0
 */
public record InodeRecord(
        long ino,
        int mode,
        int uid,
        int gid,
        int linkCount,
        long deviceNumber,
        long sizeBytes,
        long mappedBlocks,
        int flags,
        long parent,
        Timestamp accessTime,
        Timestamp modifyTime,
        Timestamp changeTime,
        Timestamp birthTime) {

    /** No change of content, attributes or names. */
    public static final int FLAG_IMMUTABLE = 1;
    /** Content may only be appended to. */
    public static final int FLAG_APPEND_ONLY = 2;
    /** In use as swap space: not to be shared. */
    public static final int FLAG_SWAP = 4;
    /** Extended attributes exist; without it none need be looked for. */
    public static final int FLAG_HAS_XATTRS = 8;
    /** Blocks may be allocated that have not been written. */
    public static final int FLAG_PREALLOCATED = 16;
    /** Made without a name, which it may still be given. */
    public static final int FLAG_UNNAMED = 32;

    public FileType type() {
        return FileType.ofMode(mode);
    }

    /** Permission, set-id and sticky bits. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isDirectory() {
        return type() == FileType.DIRECTORY;
    }

    public boolean isRegular() {
        return type() == FileType.REGULAR;
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public InodeRecord withMode(int newMode) {
        return new InodeRecord(
                ino,
                newMode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                flags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withOwner(int newUid, int newGid) {
        return new InodeRecord(
                ino,
                mode,
                newUid,
                newGid,
                linkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                flags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withLinkCount(int newLinkCount) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                newLinkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                flags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withSize(long newSizeBytes) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                newSizeBytes,
                mappedBlocks,
                flags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withMappedBlocks(long newMappedBlocks) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                sizeBytes,
                newMappedBlocks,
                flags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withFlags(int newFlags) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                newFlags,
                parent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withParent(long newParent) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                flags,
                newParent,
                accessTime,
                modifyTime,
                changeTime,
                birthTime);
    }

    public InodeRecord withTimes(Timestamp newAccess, Timestamp newModify, Timestamp newChange) {
        return new InodeRecord(
                ino,
                mode,
                uid,
                gid,
                linkCount,
                deviceNumber,
                sizeBytes,
                mappedBlocks,
                flags,
                parent,
                newAccess,
                newModify,
                newChange,
                birthTime);
    }

    /** Content changed at {@code now}. */
    public InodeRecord modifiedAt(Timestamp now) {
        return withTimes(accessTime, now, now);
    }

    /** Attributes changed at {@code now}. */
    public InodeRecord changedAt(Timestamp now) {
        return withTimes(accessTime, modifyTime, now);
    }
}
