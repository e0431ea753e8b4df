package samepage.vfs;

/**
 * Where a path's last name belongs.
 *
 * @param parent inode number of the directory
 * @param name the last component; empty where the path is the root, else possibly "." or ".."
 * @param mustBeDirectory the path ended in a slash
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record ParentAndName(long parent, byte[] name, boolean mustBeDirectory) {}
