package samepage.vfs;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Makes inodes, with a name or without one. */
final class EntryCreation {
    private static final int PERMISSION_BITS = 07777;
    private static final int MKDIR_BITS = 01777;
    private static final int TYPE_BITS = 0170000;
    private static final int ALL_PERMISSIONS = 0777;

    private final Tree tree;

    EntryCreation(Tree tree) {
        this.tree = tree;
    }

    /** What is made: type and permissions, and what its type adds to them. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Blueprint(int mode, long deviceNumber, byte @Nullable [] target) {
        /** What overlay file systems take for the absence of a name that a lower layer has. */
        static final Blueprint WHITEOUT = new Blueprint(FileType.CHARACTER_DEVICE.modeBits(), 0, null);

        static Blueprint file(int mode) {
            return new Blueprint(FileType.REGULAR.modeBits() | (mode & PERMISSION_BITS), 0, null);
        }

        static Blueprint directory(int mode) {
            return new Blueprint(FileType.DIRECTORY.modeBits() | (mode & MKDIR_BITS), 0, null);
        }

        static Blueprint link(byte[] target) throws VfsException {
            if (target.length == 0) {
                throw new VfsException(Errno.ENOENT, "empty target");
            }
            if (target.length >= Vfs.MAX_PATH_BYTES) {
                throw new VfsException(Errno.ENAMETOOLONG, "target");
            }
            return new Blueprint(FileType.SYMBOLIC_LINK.modeBits() | ALL_PERMISSIONS, 0, target.clone());
        }

        /** As mknod(2) has it: no type means a regular file. */
        static Blueprint node(Caller caller, int mode, long deviceNumber) throws VfsException {
            int type = mode & TYPE_BITS;
            if (type == 0 || type == FileType.REGULAR.modeBits()) {
                return file(mode);
            }
            if (type == FileType.DIRECTORY.modeBits()) {
                throw new VfsException(Errno.EPERM, "a directory is not made as a node");
            }
            boolean device = type == FileType.CHARACTER_DEVICE.modeBits() || type == FileType.BLOCK_DEVICE.modeBits();
            if (!device && type != FileType.FIFO.modeBits() && type != FileType.SOCKET.modeBits()) {
                throw new VfsException(Errno.EINVAL).with("mode", mode);
            }
            boolean whiteout = type == FileType.CHARACTER_DEVICE.modeBits() && deviceNumber == 0;
            if (device && !whiteout) {
                Permissions.checkPrivileged(caller);
            }
            return new Blueprint(type | (mode & PERMISSION_BITS), device ? deviceNumber : 0, null);
        }

        boolean isDirectory() {
            return FileType.ofMode(mode) == FileType.DIRECTORY;
        }
    }

    /** Makes an inode and its first name; gives a reference to it. */
    Inode create(Caller caller, long parentIno, byte[] name, Blueprint blueprint) throws IOException {
        Names.checkOrdinary(name, Errno.EEXIST);
        try (var references = tree.references()) {
            Inode parent = references.get(parentIno);
            try (var _ = parent.inodeLock().lockExclusive()) {
                checkFree(caller, parent, name);
                try (Transaction transaction = tree.volume().beginAdding()) {
                    Timestamp now = Timestamp.now();
                    Inode made = make(transaction, caller, parent.record(), blueprint, now);
                    transaction.putEntry(
                            parentIno, name, made.ino(), made.record().type());
                    Tree.entriesChanged(transaction, parent, blueprint.isDirectory() ? 1 : 0, now);
                    transaction.complete();
                    return made;
                }
            }
        }
    }

    /** Makes a regular file that has no name; gives a reference to it. */
    Inode createUnnamed(Caller caller, long directoryIno, int mode) throws IOException {
        try (var references = tree.references()) {
            Inode directory = references.get(directoryIno);
            try (var _ = directory.inodeLock().lockShared()) {
                Permissions.checkAddition(caller, directory.record());
                try (Transaction transaction = tree.volume().beginAdding()) {
                    Inode made = make(transaction, caller, directory.record(), Blueprint.file(mode), Timestamp.now());
                    made.update(
                            transaction,
                            record -> record.withLinkCount(0).withFlags(record.flags() | InodeRecord.FLAG_UNNAMED));
                    transaction.putOrphan(made.ino());
                    transaction.complete();
                    return made;
                }
            }
        }
    }

    /** Refuses where the name is taken, or the caller may not add it. The parent is locked. */
    private void checkFree(Caller caller, Inode parent, byte[] name) throws IOException {
        Permissions.checkSearch(caller, parent.record());
        if (tree.volume().metadata().entry(parent.ino(), name) != null) {
            throw new VfsException(Errno.EEXIST).with("name", name);
        }
        Permissions.checkAddition(caller, parent.record());
    }

    /** Makes an inode in a transaction that gives it a name, or notes that it has none; gives a reference to it. */
    Inode make(Transaction transaction, Caller caller, InodeRecord parent, Blueprint blueprint, Timestamp now)
            throws IOException {
        AccessControlList inherited =
                blueprint.target == null ? tree.accessControlList(parent, AccessControlList.DEFAULT) : null;
        boolean inheritsGroup = (parent.mode() & Permissions.SET_GID) != 0;
        byte[] target = blueprint.target;
        var record = new InodeRecord(
                transaction.newInode(),
                initialMode(caller, parent, blueprint, inherited),
                caller.uid(),
                inheritsGroup ? parent.gid() : caller.gid(),
                blueprint.isDirectory() ? 2 : 1,
                blueprint.deviceNumber,
                target == null ? 0 : target.length,
                0,
                0,
                blueprint.isDirectory() ? parent.ino() : 0,
                now,
                now,
                now,
                now);
        if (inherited != null) {
            record = inherit(transaction, inherited, record);
        }
        Inode made = tree.io().inodes().created(record);
        made.put(transaction);
        if (target != null) {
            transaction.putSymlinkTarget(record.ino(), target);
        }
        return made;
    }

    private static InodeRecord inherit(Transaction transaction, AccessControlList inherited, InodeRecord record) {
        if (!inherited.isMinimal()) {
            transaction.putXattr(
                    record.ino(),
                    AccessControlList.ACCESS,
                    inherited.withMode(record.mode()).value());
        }
        if (record.isDirectory()) {
            transaction.putXattr(record.ino(), AccessControlList.DEFAULT, inherited.value());
        }
        return record.withFlags(record.flags() | InodeRecord.FLAG_HAS_XATTRS);
    }

    private static int initialMode(
            Caller caller, InodeRecord parent, Blueprint blueprint, @Nullable AccessControlList inherited) {
        if (blueprint.target != null) {
            return blueprint.mode;
        }
        int mode = inherited == null
                ? blueprint.mode & ~(caller.umask() & ALL_PERMISSIONS)
                : inherited.inherited(blueprint.mode);
        if ((parent.mode() & Permissions.SET_GID) != 0) {
            int executable = Permissions.SET_GID | Permissions.GROUP_EXECUTE;
            if (blueprint.isDirectory()) {
                mode |= Permissions.SET_GID;
            } else if ((mode & executable) == executable && !Permissions.mayHaveSetGid(caller, parent.gid())) {
                mode &= ~Permissions.SET_GID;
            }
        }
        return mode;
    }
}
