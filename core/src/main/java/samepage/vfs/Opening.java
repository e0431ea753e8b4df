package samepage.vfs;

import java.io.IOException;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.vfs.EntryCreation.Blueprint;
import samepage.volume.InodeRecord;

/** Opens files: those there are, and those made for it. */
final class Opening {
    private final Tree tree;
    private final EntryCreation creation;

    Opening(Tree tree, EntryCreation creation) {
        this.tree = tree;
        this.creation = creation;
    }

    OpenFile open(Caller caller, long ino, Set<OpenFlag> flags) throws IOException {
        Inode inode = tree.io().inodes().get(ino);
        try {
            check(caller, inode.record(), flags);
            if (flags.contains(OpenFlag.TRUNCATE)) {
                SetIdBits setIdBits = Permissions.setIdBits(caller, inode.record());
                tree.io().setSize(inode, 0, Attributes.truncated(setIdBits));
            }
        } catch (Throwable e) {
            tree.io().inodes().release(inode);
            throw e;
        }
        return opened(inode, caller, flags);
    }

    /** Who makes a file may use it as asked for, whatever its mode says. */
    OpenFile create(Caller caller, long parent, byte[] name, int mode, Set<OpenFlag> flags) throws IOException {
        return opened(creation.create(caller, parent, name, Blueprint.file(mode)), caller, flags);
    }

    OpenFile createUnnamed(Caller caller, long directory, int mode, Set<OpenFlag> flags) throws IOException {
        if (!flags.contains(OpenFlag.WRITE)) {
            throw new VfsException(Errno.EINVAL, "an unnamed file is opened for writing");
        }
        return opened(creation.createUnnamed(caller, directory, mode), caller, flags);
    }

    private OpenFile opened(Inode inode, Caller caller, Set<OpenFlag> flags) {
        return new OpenFile(inode, tree.io(), caller, flags, tree.accessTimes());
    }

    private void check(Caller caller, InodeRecord inode, Set<OpenFlag> flags) throws VfsException {
        boolean writes = flags.contains(OpenFlag.WRITE) || flags.contains(OpenFlag.TRUNCATE);
        switch (inode.type()) {
            case REGULAR -> {}
            case DIRECTORY -> {
                if (writes) {
                    throw refused(Errno.EISDIR, inode);
                }
            }
            case SYMBOLIC_LINK -> throw refused(Errno.ELOOP, inode);
            case FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE -> throw refused(Errno.ENXIO, inode);
        }
        if (writes && tree.volume().isReadOnly()) {
            throw refused(Errno.EROFS, inode);
        }
        int mask = (flags.contains(OpenFlag.READ) ? Permissions.READ : 0) | (writes ? Permissions.WRITE : 0);
        Permissions.check(caller, inode, mask);
        boolean overwrites = (writes && !flags.contains(OpenFlag.APPEND)) || flags.contains(OpenFlag.TRUNCATE);
        if (overwrites && inode.has(InodeRecord.FLAG_APPEND_ONLY)) {
            throw refused(Errno.EPERM, inode);
        }
        if (flags.contains(OpenFlag.NO_ACCESS_TIME)) {
            Permissions.checkOwner(caller, inode);
        }
    }

    private static VfsException refused(Errno errno, InodeRecord inode) {
        return new VfsException(errno).with("inode", inode.ino());
    }
}
