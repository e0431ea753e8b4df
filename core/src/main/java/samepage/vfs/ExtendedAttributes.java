package samepage.vfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.InodeRecord;
import samepage.volume.MetadataView;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Extended attributes: names, values, and who may see and set them. */
final class ExtendedAttributes {
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_VALUE_BYTES = 64 << 10;
    private static final int MAX_LIST_BYTES = 64 << 10;
    private static final Set<String> ACCESS_CONTROL_LISTS =
            Set.of("system.posix_acl_access", "system.posix_acl_default");

    private final Tree tree;
    private final MetadataView metadata;

    ExtendedAttributes(Tree tree) {
        this.tree = tree;
        this.metadata = tree.volume().metadata();
    }

    private enum Namespace {
        USER,
        TRUSTED,
        SECURITY,
        ACCESS_CONTROL_LIST;

        static Namespace of(byte[] name) throws VfsException {
            if (name.length == 0 || name.length > MAX_NAME_BYTES) {
                throw new VfsException(Errno.ERANGE).with("name", name);
            }
            String text = new String(name, StandardCharsets.ISO_8859_1);
            if (ACCESS_CONTROL_LISTS.contains(text)) {
                return ACCESS_CONTROL_LIST;
            }
            for (Namespace namespace : List.of(USER, TRUSTED, SECURITY)) {
                String prefix = namespace.prefix();
                if (text.startsWith(prefix)) {
                    if (text.length() == prefix.length()) {
                        throw new VfsException(Errno.EINVAL).with("name", name);
                    }
                    return namespace;
                }
            }
            throw new VfsException(Errno.EOPNOTSUPP).with("name", name);
        }

        private String prefix() {
            return name().toLowerCase(java.util.Locale.ROOT) + ".";
        }
    }

    byte[] get(Caller caller, long ino, byte[] name) throws IOException {
        InodeRecord inode = tree.attributes(ino);
        Namespace namespace = Namespace.of(name);
        if (namespace == Namespace.USER) {
            if (!hasUserAttributes(inode)) {
                throw missing(name);
            }
            Permissions.check(caller, inode, Permissions.READ);
        }
        if (namespace == Namespace.TRUSTED && !caller.privileged()) {
            throw missing(name);
        }
        byte[] value = metadata.xattr(ino, name);
        if (value == null) {
            throw missing(name);
        }
        return value.clone();
    }

    List<byte[]> list(Caller caller, long ino) throws IOException {
        InodeRecord inode = tree.attributes(ino);
        if (!inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            return List.of();
        }
        List<byte[]> names = metadata.xattrNames(ino);
        if (!caller.privileged()) {
            names.removeIf(ExtendedAttributes::isTrusted);
        }
        return names;
    }

    private static boolean isTrusted(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1).startsWith(Namespace.TRUSTED.prefix());
    }

    void set(Caller caller, long ino, byte[] name, byte[] value, XattrMode mode) throws IOException {
        Namespace namespace = Namespace.of(name);
        if (value.length > MAX_VALUE_BYTES) {
            throw new VfsException(Errno.E2BIG).with("name", name);
        }
        try (var references = tree.references()) {
            Inode inode = references.get(ino);
            try (var _ = inode.inodeLock().lockExclusive()) {
                checkMayChange(caller, inode.record(), namespace);
                boolean exists = metadata.xattr(ino, name) != null;
                if (exists && mode == XattrMode.CREATE) {
                    throw new VfsException(Errno.EEXIST).with("name", name);
                }
                if (!exists && mode == XattrMode.REPLACE) {
                    throw missing(name);
                }
                if (!exists) {
                    checkListHasRoom(ino, name);
                }
                if (namespace == Namespace.ACCESS_CONTROL_LIST && tree.hasAccessControlLists()) {
                    setList(caller, inode, name, AccessControlList.parse(value));
                    return;
                }
                try (Transaction transaction = tree.volume().beginAdding()) {
                    Timestamp now = Timestamp.now();
                    transaction.putXattr(ino, name, value);
                    inode.update(
                            transaction,
                            record -> record.withFlags(record.flags() | InodeRecord.FLAG_HAS_XATTRS)
                                    .changedAt(now));
                    transaction.complete();
                }
            }
        }
    }

    /** Sets a list and the mode that goes with it. What a mode says alone needs no list. */
    private void setList(Caller caller, Inode inode, byte[] name, AccessControlList list) throws IOException {
        boolean isDefault = Arrays.equals(name, AccessControlList.DEFAULT);
        if (isDefault && !inode.record().isDirectory()) {
            throw new VfsException(Errno.EACCES, "only directories have a default").with("inode", inode.ino());
        }
        try (Transaction transaction = tree.volume().beginAdding()) {
            Timestamp now = Timestamp.now();
            if (isDefault || !list.isMinimal()) {
                transaction.putXattr(inode.ino(), name, list.value());
            } else {
                transaction.removeXattr(inode.ino(), name);
            }
            inode.update(transaction, record -> {
                var changed = record.withFlags(record.flags() | InodeRecord.FLAG_HAS_XATTRS)
                        .changedAt(now);
                return isDefault ? changed : withModeOf(list, caller, changed);
            });
            transaction.complete();
        }
    }

    private static InodeRecord withModeOf(AccessControlList list, Caller caller, InodeRecord record) {
        int kept = Permissions.mayHaveSetGid(caller, record.gid()) ? ~0777 : ~0777 & ~Permissions.SET_GID;
        return record.withMode((record.mode() & kept) | list.mode());
    }

    void remove(Caller caller, long ino, byte[] name) throws IOException {
        Namespace namespace = Namespace.of(name);
        try (var references = tree.references()) {
            Inode inode = references.get(ino);
            try (var _ = inode.inodeLock().lockExclusive()) {
                checkMayChange(caller, inode.record(), namespace);
                if (metadata.xattr(ino, name) == null) {
                    throw missing(name);
                }
                try (Transaction transaction = tree.volume().begin()) {
                    Timestamp now = Timestamp.now();
                    transaction.removeXattr(ino, name);
                    inode.update(transaction, record -> record.changedAt(now));
                    transaction.complete();
                }
            }
        }
    }

    private void checkMayChange(Caller caller, InodeRecord inode, Namespace namespace) throws VfsException {
        Permissions.checkNamesMayChange(inode);
        switch (namespace) {
            case USER -> {
                boolean foreignSticky = inode.isDirectory()
                        && (inode.mode() & Permissions.STICKY) != 0
                        && !Permissions.owns(caller, inode);
                if (!hasUserAttributes(inode) || foreignSticky) {
                    throw new VfsException(Errno.EPERM).with("inode", inode.ino());
                }
                Permissions.check(caller, inode, Permissions.WRITE);
            }
            case TRUSTED, SECURITY -> Permissions.checkPrivileged(caller);
            case ACCESS_CONTROL_LIST -> {
                boolean may = tree.hasAccessControlLists() ? Permissions.owns(caller, inode) : caller.privileged();
                if (!may || inode.type() == samepage.volume.FileType.SYMBOLIC_LINK) {
                    throw new VfsException(Errno.EOPNOTSUPP, "access control lists are kept, not heeded")
                            .with("inode", inode.ino());
                }
            }
        }
    }

    /** Anybody can write to a device or a pipe; that is no reason to store something in the file system. */
    private static boolean hasUserAttributes(InodeRecord inode) {
        return inode.isRegular() || inode.isDirectory();
    }

    private void checkListHasRoom(long ino, byte[] name) throws IOException {
        long bytes = name.length + 1L;
        for (byte[] other : metadata.xattrNames(ino)) {
            bytes += other.length + 1;
        }
        if (bytes > MAX_LIST_BYTES) {
            throw new VfsException(Errno.ENOSPC, "too many extended attributes").with("inode", ino);
        }
    }

    private static VfsException missing(byte[] name) {
        return new VfsException(Errno.ENODATA).with("name", name);
    }
}
