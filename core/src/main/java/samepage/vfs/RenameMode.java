package samepage.vfs;

/** What a rename does where the new name exists. */
public enum RenameMode {
    /** The old bearer of the name gives way, at one moment. */
    REPLACE,
    /** EEXIST. */
    NO_REPLACE,
    /** The two names swap what they refer to; both must exist. */
    EXCHANGE
}
