package samepage.linux.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.Caller;
import samepage.volume.InodeRecord;

/**
 * What a program file loses when its content or owner changes: the capabilities, always, and where the one who does it may not
 * keep them the set-id bits. The kernel leaves this to the file system, and tells which of the two it is.
 */
final class Privileges {
    private static final byte[] CAPABILITIES = "security.capability".getBytes(StandardCharsets.US_ASCII);

    private final Served served;

    Privileges(Served served) {
        this.served = served;
    }

    /** The content or owner of what has these attributes changes. */
    void drop(InodeRecord inode, boolean setIdsToo) throws IOException {
        if (inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            dropCapabilities(inode.ino());
        }
        if (setIdsToo && served.vfs().stripSetIds(inode.ino())) {
            served.kernelCache().invalidateAttributes(inode.ino());
        }
    }

    private void dropCapabilities(long ino) throws IOException {
        if (served.vfs().volume().metadata().xattr(ino, CAPABILITIES) == null) {
            return;
        }
        try {
            served.vfs().removeXattr(Caller.ROOT, ino, CAPABILITIES);
        } catch (VfsException e) {
            if (e.errno() != Errno.ENODATA) {
                throw e;
            }
        }
    }
}
