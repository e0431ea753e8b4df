package samepage.vfs;

/** Whether an extended attribute may, must not or must exist before it is set. */
public enum XattrMode {
    SET,
    /** EEXIST where it exists. */
    CREATE,
    /** ENODATA where it does not. */
    REPLACE
}
