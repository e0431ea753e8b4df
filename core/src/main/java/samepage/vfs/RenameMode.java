package samepage.vfs;

/** What a rename does where the new name exists, and what it leaves of the old one. */
public enum RenameMode {
    /** The old bearer of the name gives way, at one moment. */
    REPLACE,
    /** EEXIST. */
    NO_REPLACE,
    /** The two names swap what they refer to; both must exist. */
    EXCHANGE,
    /** As REPLACE; the old name refers to a whiteout then, a character device of number 0: to overlay file systems, none there. */
    REPLACE_LEAVING_WHITEOUT,
    /** As NO_REPLACE, with a whiteout. */
    NO_REPLACE_LEAVING_WHITEOUT;

    boolean replaces() {
        return this == REPLACE || this == REPLACE_LEAVING_WHITEOUT;
    }

    boolean refusesToReplace() {
        return this == NO_REPLACE || this == NO_REPLACE_LEAVING_WHITEOUT;
    }

    boolean leavesWhiteout() {
        return this == REPLACE_LEAVING_WHITEOUT || this == NO_REPLACE_LEAVING_WHITEOUT;
    }
}
