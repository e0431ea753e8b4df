package samepage.vfs;

import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.SetIdBits;
import samepage.volume.InodeRecord;

/** Who may do what. Decided from values alone; {@code check} methods refuse. */
final class Permissions {
    static final int READ = 4;
    static final int WRITE = 2;
    static final int EXECUTE = 1;

    static final int SET_UID = 04000;
    static final int SET_GID = 02000;
    static final int STICKY = 01000;
    static final int GROUP_EXECUTE = 010;

    private static final int ANY_EXECUTE = 0111;

    private Permissions() {}

    /** True where the mode lets the caller do all of {@code mask}. */
    static boolean permits(Caller caller, InodeRecord inode, int mask) {
        if (caller.privileged()) {
            return (mask & EXECUTE) == 0 || inode.isDirectory() || (inode.mode() & ANY_EXECUTE) != 0;
        }
        int bits = caller.uid() == inode.uid()
                ? inode.mode() >> 6
                : caller.isInGroup(inode.gid()) ? inode.mode() >> 3 : inode.mode();
        return (bits & mask) == mask;
    }

    /** EPERM where it is immutable and to be written, EACCES where the mode does not let the caller. */
    static void check(Caller caller, InodeRecord inode, int mask) throws VfsException {
        if ((mask & WRITE) != 0 && inode.has(InodeRecord.FLAG_IMMUTABLE)) {
            throw refused(Errno.EPERM, "immutable", inode);
        }
        if (!permits(caller, inode, mask)) {
            throw refused(Errno.EACCES, "", inode);
        }
    }

    /** The caller may look names up in it. */
    static void checkSearch(Caller caller, InodeRecord directory) throws VfsException {
        if (!directory.isDirectory()) {
            throw refused(Errno.ENOTDIR, "", directory);
        }
        check(caller, directory, EXECUTE);
    }

    /** The caller may add an entry to the directory. */
    static void checkAddition(Caller caller, InodeRecord directory) throws VfsException {
        checkSearch(caller, directory);
        if (directory.linkCount() == 0) {
            throw refused(Errno.ENOENT, "removed directory", directory);
        }
        check(caller, directory, WRITE);
    }

    /** The caller may take the victim's entry out of the directory, or replace it; as a directory or as anything else. */
    static void checkRemoval(Caller caller, InodeRecord directory, InodeRecord victim, boolean asDirectory)
            throws VfsException {
        check(caller, directory, WRITE | EXECUTE);
        if (directory.has(InodeRecord.FLAG_APPEND_ONLY)) {
            throw refused(Errno.EPERM, "append only", directory);
        }
        boolean sticky = (directory.mode() & STICKY) != 0;
        if (sticky && !owns(caller, victim) && !owns(caller, directory)) {
            throw refused(Errno.EPERM, "sticky directory", directory);
        }
        checkNamesMayChange(victim);
        if (asDirectory && !victim.isDirectory()) {
            throw refused(Errno.ENOTDIR, "", victim);
        }
        if (!asDirectory && victim.isDirectory()) {
            throw refused(Errno.EISDIR, "", victim);
        }
    }

    /** Names of what is immutable or append-only stay what they are. */
    static void checkNamesMayChange(InodeRecord inode) throws VfsException {
        if (inode.has(InodeRecord.FLAG_IMMUTABLE) || inode.has(InodeRecord.FLAG_APPEND_ONLY)) {
            throw refused(Errno.EPERM, "immutable or append only", inode);
        }
    }

    static void checkOwner(Caller caller, InodeRecord inode) throws VfsException {
        if (!owns(caller, inode)) {
            throw refused(Errno.EPERM, "not the owner", inode);
        }
    }

    static void checkPrivileged(Caller caller) throws VfsException {
        if (!caller.privileged()) {
            throw new VfsException(Errno.EPERM, "for the privileged only");
        }
    }

    static boolean owns(Caller caller, InodeRecord inode) {
        return caller.privileged() || caller.uid() == inode.uid();
    }

    /** True where the caller may have a set-group-id bit that takes effect for {@code group}. */
    static boolean mayHaveSetGid(Caller caller, int group) {
        return caller.privileged() || caller.isInGroup(group);
    }

    /** What becomes of a file's set-id bits where the caller changes its content. */
    static SetIdBits setIdBits(Caller caller, InodeRecord inode) {
        return caller.privileged()
                ? SetIdBits.KEEP
                : caller.isInGroup(inode.gid()) ? SetIdBits.STRIP : SetIdBits.STRIP_BOTH;
    }

    private static VfsException refused(Errno errno, String text, InodeRecord inode) {
        return new VfsException(errno, text).with("inode", inode.ino());
    }
}
