package samepage.vfs;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Takes names away: of files and of empty directories. */
final class EntryRemoval {
    private final Tree tree;

    EntryRemoval(Tree tree) {
        this.tree = tree;
    }

    void unlink(Caller caller, long parent, byte[] name) throws IOException {
        Names.checkOrdinary(name, Errno.EISDIR);
        remove(caller, parent, name, false);
    }

    void rmdir(Caller caller, long parent, byte[] name) throws IOException {
        Names.checkOrdinary(name, Names.isDot(name) ? Errno.EINVAL : Errno.ENOTEMPTY);
        remove(caller, parent, name, true);
    }

    private void remove(Caller caller, long parent, byte[] name, boolean asDirectory) throws IOException {
        boolean settled = false;
        while (!settled) {
            settled = tryRemove(caller, parent, name, asDirectory);
        }
    }

    /** False where the name came to refer to something else before the locks were there. */
    private boolean tryRemove(Caller caller, long parentIno, byte[] name, boolean asDirectory) throws IOException {
        try (var references = tree.references()) {
            Inode parent = references.get(parentIno);
            Permissions.checkSearch(caller, parent.record());
            Inode victim = references.find(parent, name);
            if (victim == null) {
                throw new VfsException(Errno.ENOENT).with("name", name);
            }
            try (var _ = InodeLocks.exclusive(parent, victim)) {
                if (!tree.refersTo(parent, name, victim)) {
                    return false;
                }
                Permissions.checkRemoval(caller, parent.record(), victim.record(), asDirectory);
                if (asDirectory && !tree.volume().metadata().isEmptyDirectory(victim.ino())) {
                    throw new VfsException(Errno.ENOTEMPTY).with("name", name);
                }
                try (Transaction transaction = tree.volume().begin()) {
                    Timestamp now = Timestamp.now();
                    transaction.removeEntry(parentIno, name);
                    Tree.entriesChanged(transaction, parent, asDirectory ? -1 : 0, now);
                    Tree.dropName(transaction, victim, now);
                    transaction.complete();
                }
            }
            return true;
        }
    }
}
