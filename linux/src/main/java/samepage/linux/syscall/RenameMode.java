package samepage.linux.syscall;

/** What renaming does where the new name exists. */
public enum RenameMode {
    /** What had the new name is replaced. */
    REPLACE(0),
    /** Refused ({@code EEXIST}). */
    NO_REPLACE(1),
    /** The two change places; the new name must exist ({@code ENOENT}). */
    EXCHANGE(2);

    private final int flags;

    RenameMode(int flags) {
        this.flags = flags;
    }

    int flags() {
        return flags;
    }
}
