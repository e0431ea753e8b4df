package samepage.linux.syscall;

import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Mounts and unmounts, as the privileged may. */
public final class HostMount {
    /** The flags of mount(2). */
    public static final long READ_ONLY = 1;

    public static final long NO_SET_ID = 2;
    public static final long NO_DEVICES = 4;
    public static final long NO_EXECUTION = 8;
    public static final long NO_ACCESS_TIMES = 1 << 10;
    public static final long STRICT_ACCESS_TIMES = 1 << 24;

    private static final int FORCE = 1;
    private static final int DETACH = 2;

    private HostMount() {}

    /** Mounts at a directory. */
    public static void mount(byte[] source, byte[] target, byte[] type, long flags, byte[] data) throws VfsException {
        check(MountCalls.mount(source, HostPath.checkPath(target), type, flags, data), "cannot mount", target);
    }

    /** Unmounts; EBUSY where it is in use. */
    public static void unmount(byte[] target) throws VfsException {
        check(MountCalls.unmount(HostPath.checkPath(target), 0), "cannot unmount", target);
    }

    /** Takes a mount out of the tree at once; it ends with its last user. */
    public static void detach(byte[] target) throws VfsException {
        check(MountCalls.unmount(HostPath.checkPath(target), DETACH), "cannot unmount", target);
    }

    /** Has all who use a mount of FUSE cut off, now; it stays in the tree where somebody still is in it. */
    public static void abort(byte[] target) throws VfsException {
        var result = MountCalls.unmount(HostPath.checkPath(target), FORCE);
        if (result != -Errno.EBUSY.number()) {
            check(result, "cannot unmount", target);
        }
    }

    private static void check(int result, String text, byte[] target) throws VfsException {
        if (result < 0) {
            throw new VfsException(Errno.of(-result), text).with("path", target);
        }
    }
}
