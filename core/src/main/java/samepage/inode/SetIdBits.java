package samepage.inode;

import samepage.volume.InodeRecord;

/** Whether a change of content takes the set-user-id and set-group-id bits away, as it does for all but the privileged. */
public enum SetIdBits {
    KEEP,
    STRIP;

    private static final int SET_UID = 04000;
    private static final int SET_GID = 02000;
    private static final int GROUP_EXECUTE = 010;

    /** The attributes after a change of content. Set-group-id without group execution means another thing, and stays. */
    public InodeRecord applyTo(InodeRecord record) {
        int cleared = SET_UID | ((record.mode() & GROUP_EXECUTE) != 0 ? SET_GID : 0);
        return this == KEEP || (record.mode() & cleared) == 0 ? record : record.withMode(record.mode() & ~cleared);
    }
}
