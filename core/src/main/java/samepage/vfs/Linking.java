package samepage.vfs;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Gives files more names, or their first. */
final class Linking {
    private final Tree tree;

    Linking(Tree tree) {
        this.tree = tree;
    }

    InodeRecord link(Caller caller, long ino, long parentIno, byte[] name) throws IOException {
        Names.checkOrdinary(name, Errno.EEXIST);
        try (var references = tree.references()) {
            Inode parent = references.get(parentIno);
            Inode inode = references.get(ino);
            try (var _ = InodeLocks.exclusive(parent, inode)) {
                check(caller, parent, name, inode.record());
                try (Transaction transaction = tree.volume().beginAdding()) {
                    Timestamp now = Timestamp.now();
                    transaction.putEntry(parentIno, name, ino, inode.record().type());
                    Tree.entriesChanged(transaction, parent, 0, now);
                    if (inode.record().linkCount() == 0) {
                        transaction.removeOrphan(ino);
                    }
                    inode.update(
                            transaction,
                            record -> record.withLinkCount(record.linkCount() + 1)
                                    .withFlags(record.flags() & ~InodeRecord.FLAG_UNNAMED)
                                    .changedAt(now));
                    transaction.complete();
                }
                return Attributes.of(inode);
            }
        }
    }

    private void check(Caller caller, Inode parent, byte[] name, InodeRecord inode) throws IOException {
        Permissions.checkSearch(caller, parent.record());
        if (tree.volume().metadata().entry(parent.ino(), name) != null) {
            throw new VfsException(Errno.EEXIST).with("name", name);
        }
        Permissions.checkAddition(caller, parent.record());
        Permissions.checkNamesMayChange(inode);
        if (inode.isDirectory()) {
            throw new VfsException(Errno.EPERM, "a directory has one name").with("inode", inode.ino());
        }
        if (inode.linkCount() == 0 && !inode.has(InodeRecord.FLAG_UNNAMED)) {
            throw new VfsException(Errno.ENOENT, "the last name has gone").with("inode", inode.ino());
        }
        if (inode.linkCount() >= Vfs.MAX_LINKS) {
            throw new VfsException(Errno.EMLINK).with("inode", inode.ino());
        }
    }
}
