package samepage.lock;

/**
 * The kinds of lock, in the order in which one thread may take them. Two of one kind are taken in ascending order of
 * their identity ({@link RankedLock}).
 */
public enum LockRank {
    /** Serialises renames of directories, so that the tree cannot become a cycle. */
    RENAME,
    /** One inode's content and attributes: the thread's "inode lock". Identity: inode number. */
    INODE,
    /** One inode's page faults and fills against invalidation: the thread's "mmap lock". Identity: inode number. */
    INVALIDATE,
    /** One writeback at a time of one inode, from snapshot to extents. Identity: inode number. */
    WRITEBACK,
    /** One folio. Identity: inode number, index of the first block. */
    PAGE,
    /** One commit at a time. */
    COMMIT,
    /** Shared by the handles of the running transaction, exclusive to close it. */
    TRANSACTION,
    /** One inode's extent records. Identity: inode number. */
    EXTENT_MAP,
    /** The space map: reference counts, free space, checksums. */
    ALLOCATION
}
