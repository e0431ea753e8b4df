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

    private static final int SET_IDS = 06000;

    private final Served served;

    Privileges(Served served) {
        this.served = served;
    }

    /**
     * Refuses one who would take another's set-id bits away by chown(2) with neither owner nor group, as the kernel does elsewhere.
     * Before a write it asks us for the same, which only comes where the file is open for writing.
     */
    void checkMayDrop(Request request, InodeRecord inode) throws VfsException {
        var asker = request.asker();
        if (asker.uid() != 0
                && asker.uid() != inode.uid()
                && !inode.isDirectory()
                && !served.files().isOpenForWriting(inode.ino())
                && served.vfs().hasSetIdsToStrip(inode, asker.isMemberOf(inode.gid()))) {
            throw new VfsException(Errno.EPERM, "not the owner").with("inode", inode.ino());
        }
    }

    /** The request changes the content or owner of what had these attributes. */
    void drop(Request request, InodeRecord inode, boolean setIdsToo) throws IOException {
        if (inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            dropCapabilities(inode.ino());
        }
        if (setIdsToo && (inode.mode() & SET_IDS) != 0) {
            dropSetIds(inode, request.asker());
        }
    }

    /** The same for what is done after the request's buffer was given back. */
    void drop(Asker asker, InodeRecord inode, boolean setIdsToo) throws IOException {
        if (inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            dropCapabilities(inode.ino());
        }
        if (setIdsToo && (inode.mode() & SET_IDS) != 0) {
            dropSetIds(inode, asker);
        }
    }

    private void dropSetIds(InodeRecord inode, Asker asker) throws IOException {
        if (!inode.isDirectory() && served.vfs().stripSetIds(inode.ino(), asker.isMemberOf(inode.gid()))) {
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
