package samepage.vfs;

import java.io.IOException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Reads and sets attributes. */
final class Attributes {
    private static final int PERMISSION_BITS = 07777;
    private static final int SETTABLE_FLAGS = InodeRecord.FLAG_IMMUTABLE | InodeRecord.FLAG_APPEND_ONLY;

    private final Tree tree;

    Attributes(Tree tree) {
        this.tree = tree;
    }

    InodeRecord set(Caller caller, long ino, SetAttributes wanted) throws IOException {
        try (var references = tree.references()) {
            Inode inode = references.get(ino);
            try (var _ = wanted.sizeBytes() == null
                    ? inode.inodeLock().lockExclusive()
                    : tree.io().lockToResize(inode, wanted.sizeBytes())) {
                check(caller, inode.record(), wanted);
                UnaryOperator<InodeRecord> change = change(caller, wanted, Timestamp.now());
                if (wanted.sizeBytes() != null) {
                    tree.io().setSizeInodeLocked(inode, wanted.sizeBytes(), change);
                } else {
                    try (Transaction transaction = tree.volume().begin()) {
                        inode.update(transaction, change);
                        if (wanted.mode() != null) {
                            keepListTrue(transaction, inode);
                        }
                        transaction.complete();
                    }
                }
                return of(inode);
            }
        }
    }

    /** The mode has changed, and what an access control list has of it. */
    private void keepListTrue(Transaction transaction, Inode inode) throws IOException {
        var list = tree.accessControlList(inode.record(), AccessControlList.ACCESS);
        if (list != null) {
            byte[] value = list.withMode(inode.record().mode()).value();
            transaction.putXattr(inode.ino(), AccessControlList.ACCESS, value);
        }
    }

    InodeRecord setFlags(Caller caller, long ino, int flags) throws IOException {
        Permissions.checkPrivileged(caller);
        if ((flags & ~SETTABLE_FLAGS) != 0) {
            throw new VfsException(Errno.EOPNOTSUPP, "no such flag").with("flags", flags);
        }
        try (var references = tree.references()) {
            Inode inode = references.get(ino);
            try (var _ = inode.inodeLock().lockExclusive()) {
                Timestamp now = Timestamp.now();
                update(
                        inode,
                        record -> record.withFlags((record.flags() & ~SETTABLE_FLAGS) | flags)
                                .changedAt(now));
                return of(inode);
            }
        }
    }

    boolean stripSetIds(long ino, SetIdBits which) throws IOException {
        try (var references = tree.references()) {
            Inode inode = references.get(ino);
            try (var _ = inode.inodeLock().lockExclusive()) {
                InodeRecord record = inode.record();
                if (which.applyTo(record).equals(record)) {
                    return false;
                }
                Timestamp now = Timestamp.now();
                update(inode, current -> which.applyTo(current).changedAt(now));
                return true;
            }
        }
    }

    private void update(Inode inode, UnaryOperator<InodeRecord> change) throws IOException {
        try (Transaction transaction = tree.volume().begin()) {
            inode.update(transaction, change);
            transaction.complete();
        }
    }

    private static void check(Caller caller, InodeRecord inode, SetAttributes wanted) throws VfsException {
        checkFlags(inode, wanted);
        if (wanted.sizeBytes() != null) {
            checkSize(caller, inode, wanted.sizeBytes());
        }
        if (wanted.mode() != null) {
            Permissions.checkOwner(caller, inode);
        }
        if (!caller.privileged()) {
            checkNewOwner(caller, inode, wanted.uid(), wanted.gid());
        }
        if (setsTime(wanted.accessTime()) || setsTime(wanted.modifyTime())) {
            Permissions.checkOwner(caller, inode);
        } else if ((wanted.accessTime() != null || wanted.modifyTime() != null) && !Permissions.owns(caller, inode)) {
            Permissions.check(caller, inode, Permissions.WRITE);
        }
    }

    /** What is append-only may still be touched, what is immutable may not. */
    private static void checkFlags(InodeRecord inode, SetAttributes wanted) throws VfsException {
        boolean touchedOnly = wanted.mode() == null
                && wanted.uid() == null
                && wanted.gid() == null
                && wanted.sizeBytes() == null
                && !setsTime(wanted.accessTime())
                && !setsTime(wanted.modifyTime());
        if (inode.has(InodeRecord.FLAG_IMMUTABLE) || (inode.has(InodeRecord.FLAG_APPEND_ONLY) && !touchedOnly)) {
            throw new VfsException(Errno.EPERM, "immutable or append only").with("inode", inode.ino());
        }
    }

    private static void checkSize(Caller caller, InodeRecord inode, long sizeBytes) throws VfsException {
        if (!inode.isRegular()) {
            throw new VfsException(inode.isDirectory() ? Errno.EISDIR : Errno.EINVAL).with("inode", inode.ino());
        }
        if (sizeBytes < 0) {
            throw new VfsException(Errno.EINVAL).with("size", sizeBytes);
        }
        Permissions.check(caller, inode, Permissions.WRITE);
    }

    /** An owner keeps the file and may give it to a group of their own. */
    private static void checkNewOwner(Caller caller, InodeRecord inode, @Nullable Integer uid, @Nullable Integer gid)
            throws VfsException {
        boolean owns = caller.uid() == inode.uid();
        boolean mayUid = uid == null || (owns && uid == inode.uid());
        boolean mayGid = gid == null || (owns && (gid == inode.gid() || caller.isInGroup(gid)));
        if (!mayUid || !mayGid) {
            throw new VfsException(Errno.EPERM).with("inode", inode.ino());
        }
    }

    private static boolean setsTime(SetAttributes.@Nullable NewTime time) {
        return time != null && time.timestamp() != null;
    }

    private static UnaryOperator<InodeRecord> change(Caller caller, SetAttributes wanted, Timestamp now) {
        return record -> {
            InodeRecord changed = record;
            if (wanted.sizeBytes() != null) {
                changed = changed.modifiedAt(now);
                changed = Permissions.setIdBits(caller, changed).applyTo(changed);
            }
            if (wanted.uid() != null || wanted.gid() != null) {
                changed = withoutSetIdsOfOldOwner(caller, changed)
                        .withOwner(
                                Objects.requireNonNullElse(wanted.uid(), record.uid()),
                                Objects.requireNonNullElse(wanted.gid(), record.gid()));
            }
            if (wanted.mode() != null) {
                changed = withPermissions(caller, changed, wanted.mode());
            }
            return changed.withTimes(
                    time(wanted.accessTime(), changed.accessTime(), now),
                    time(wanted.modifyTime(), changed.modifyTime(), now),
                    now);
        };
    }

    /** A file that changes hands runs as nobody's; the bit that means mandatory locking stays with its group's members. */
    private static InodeRecord withoutSetIdsOfOldOwner(Caller caller, InodeRecord record) {
        if (record.isDirectory()) {
            return record;
        }
        InodeRecord without = SetIdBits.STRIP.applyTo(record);
        return Permissions.mayHaveSetGid(caller, record.gid())
                ? without
                : without.withMode(without.mode() & ~Permissions.SET_GID);
    }

    private static InodeRecord withPermissions(Caller caller, InodeRecord record, int wanted) {
        int permissions = wanted & PERMISSION_BITS;
        if (!Permissions.mayHaveSetGid(caller, record.gid())) {
            permissions &= ~Permissions.SET_GID;
        }
        return record.withMode((record.mode() & ~PERMISSION_BITS) | permissions);
    }

    private static Timestamp time(SetAttributes.@Nullable NewTime wanted, Timestamp before, Timestamp now) {
        return wanted == null ? before : Objects.requireNonNullElse(wanted.timestamp(), now);
    }

    /**
     * The attributes of an inode in use. Content that has not been written back yet counts as if it took blocks of its own:
     * there are programs that take what has fewer blocks than bytes for a file with holes.
     */
    static InodeRecord of(Inode inode) {
        InodeRecord record = inode.record();
        long mapped = inode.extents().mappedBlocks();
        long busy = inode.pages().busyBlocks();
        if (busy == 0) {
            return record.withMappedBlocks(mapped);
        }
        long blocksOfSize = (record.sizeBytes() - 1) / inode.blockSize() + 1;
        return record.withMappedBlocks(Math.max(mapped, Math.min(mapped + busy, blocksOfSize)));
    }

    /** What changes besides the size when that is set. */
    static UnaryOperator<InodeRecord> truncated(SetIdBits setIdBits) {
        Timestamp now = Timestamp.now();
        return record -> {
            InodeRecord modified = record.modifiedAt(now);
            return setIdBits.applyTo(modified);
        };
    }
}
