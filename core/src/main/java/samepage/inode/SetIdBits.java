package samepage.inode;

import samepage.volume.InodeRecord;

/** Whether a change of content takes the set-user-id and set-group-id bits away, as it does for all but the privileged. */
public enum SetIdBits {
    KEEP,
    /** For one who is of the file's group: set-group-id without group execution means another thing, and stays. */
    STRIP,
    /** For one who is not. */
    STRIP_BOTH;

    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int GROUP_EXECUTE = 010;

    /** The attributes after a change of content. */
    public InodeRecord applyTo(InodeRecord record) {
        boolean gidToo = this == STRIP_BOTH || (record.mode() & GROUP_EXECUTE) != 0;
        int cleared = SET_UID | (gidToo ? SET_GID : 0);
        return this == KEEP || (record.mode() & cleared) == 0 ? record : record.withMode(record.mode() & ~cleared);
    }
}
