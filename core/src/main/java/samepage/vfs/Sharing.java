package samepage.vfs;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.remap.Remap;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.remap.RemapRequest;
import samepage.volume.InodeRecord;

/** Clone and dedupe for callers: who may ask for what. Nobody learns a file's content by deduping against it. */
final class Sharing {
    private final Tree tree;
    private final Remap remap;

    Sharing(Tree tree, Remap remap) {
        this.tree = tree;
        this.remap = remap;
    }

    RemapOutcome dedupe(
            Caller caller,
            long source,
            long sourceOffset,
            long target,
            long targetOffset,
            long lengthBytes,
            RemapOptions options)
            throws IOException {
        return withBoth(source, target, (from, to) -> {
            Permissions.check(caller, from.record(), Permissions.READ);
            checkMayBeDeduped(caller, to.record());
            return remap.dedupe(new RemapRequest(from, sourceOffset, to, targetOffset, lengthBytes), options);
        });
    }

    /** Its bytes stay the same, so that its owner need not be able to write it; others must. */
    private static void checkMayBeDeduped(Caller caller, InodeRecord target) throws VfsException {
        boolean owner = caller.privileged() || caller.uid() == target.uid();
        if (!owner && !Permissions.permits(caller, target, Permissions.WRITE)) {
            throw new VfsException(Errno.EPERM, "only its owner, or who may write it, dedupes a file")
                    .with("inode", target.ino());
        }
    }

    long cloneRange(Caller caller, long source, long sourceOffset, long target, long targetOffset, long lengthBytes)
            throws IOException {
        return withBoth(source, target, (from, to) -> {
            Permissions.check(caller, from.record(), Permissions.READ);
            Permissions.check(caller, to.record(), Permissions.WRITE);
            SetIdBits setIdBits = Permissions.setIdBits(caller, to.record());
            return remap.clone(new RemapRequest(from, sourceOffset, to, targetOffset, lengthBytes), setIdBits);
        });
    }

    private interface OnBoth<T> {
        T apply(Inode source, Inode target) throws IOException;
    }

    private <T> T withBoth(long source, long target, OnBoth<T> action) throws IOException {
        Inode from = tree.io().inodes().get(source);
        try {
            Inode to = tree.io().inodes().get(target);
            try {
                return action.apply(from, to);
            } finally {
                tree.io().inodes().release(to);
            }
        } finally {
            tree.io().inodes().release(from);
        }
    }
}
