package samepage.vfs;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/** Gives what one name refers to another name, at one moment. */
final class Rename {
    private final Tree tree;

    /** Held while a directory gets another parent (T3). */
    private final RankedLock renameLock = new RankedLock(LockRank.RENAME);

    private final EntryCreation creation;

    Rename(Tree tree, EntryCreation creation) {
        this.tree = tree;
        this.creation = creation;
    }

    void rename(Caller caller, long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws IOException {
        Names.checkOrdinary(name, Errno.EBUSY);
        Names.checkOrdinary(newName, mode.refusesToReplace() ? Errno.EEXIST : Errno.EBUSY);
        boolean settled = false;
        while (!settled) {
            settled = tryRename(caller, parent, name, newParent, newName, mode);
        }
    }

    /** False where a name came to refer to something else before the locks were there. */
    private boolean tryRename(Caller caller, long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws IOException {
        try (var references = tree.references()) {
            Inode from = references.get(parent);
            Inode to = references.get(newParent);
            Permissions.checkSearch(caller, from.record());
            Permissions.checkSearch(caller, to.record());
            Inode source = references.find(from, name);
            if (source == null) {
                throw new VfsException(Errno.ENOENT).with("name", name);
            }
            var move = new Move(from, name, to, newName, source, references.find(to, newName), mode);
            writeBackBeforeReplacing(move);
            try (var _ = move.crossesWithDirectory() ? renameLock.lockExclusive() : null;
                    var _ = InodeLocks.exclusive(from, to, source, move.target)) {
                if (!tree.refersTo(from, name, source) || !tree.refersTo(to, newName, move.target)) {
                    return false;
                }
                checkTree(move);
                if (source != move.target) {
                    checkPermissions(caller, move);
                    apply(caller, move, references);
                }
            }
            return true;
        }
    }

    /** Both names and what they refer to. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Move(
            Inode from,
            byte[] name,
            Inode to,
            byte[] newName,
            Inode source,
            @Nullable Inode target,
            RenameMode mode) {
        boolean exchanges() {
            return mode == RenameMode.EXCHANGE;
        }

        boolean movesDirectory() {
            return source.record().isDirectory();
        }

        boolean targetIsDirectory() {
            return target != null && target.record().isDirectory();
        }

        boolean crossesWithDirectory() {
            return from != to && (movesDirectory() || targetIsDirectory());
        }
    }

    /** Programs replace a file by a new one and trust that a crash leaves one of the two: its content goes first. */
    private void writeBackBeforeReplacing(Move move) throws IOException {
        if (move.target != null && move.mode.replaces() && move.source.record().isRegular()) {
            tree.io().writeBack(move.source);
        }
    }

    /** Refuses what the shape of the tree forbids. */
    private void checkTree(Move move) throws IOException {
        if (move.target == null && move.exchanges()) {
            throw new VfsException(Errno.ENOENT).with("name", move.newName);
        }
        if (move.target != null && move.mode.refusesToReplace()) {
            throw new VfsException(Errno.EEXIST).with("name", move.newName);
        }
        if (move.to.record().linkCount() == 0) {
            throw new VfsException(Errno.ENOENT, "removed directory").with("inode", move.to.ino());
        }
        if (!move.crossesWithDirectory()) {
            return;
        }
        if (move.movesDirectory() && tree.isWithin(move.to.ino(), move.source.ino())) {
            throw new VfsException(Errno.EINVAL, "a directory cannot move into itself").with("name", move.name);
        }
        if (move.target != null && move.targetIsDirectory() && tree.isWithin(move.from.ino(), move.target.ino())) {
            throw new VfsException(move.exchanges() ? Errno.EINVAL : Errno.ENOTEMPTY).with("name", move.newName);
        }
    }

    private void checkPermissions(Caller caller, Move move) throws IOException {
        InodeRecord source = move.source.record();
        Inode target = move.target;
        Permissions.checkRemoval(caller, move.from.record(), source, source.isDirectory());
        if (target == null) {
            Permissions.checkAddition(caller, move.to.record());
        } else {
            boolean asDirectory = move.exchanges() ? move.targetIsDirectory() : source.isDirectory();
            Permissions.checkRemoval(caller, move.to.record(), target.record(), asDirectory);
        }
        if (move.from != move.to) {
            checkParentMayChange(caller, source);
            if (move.exchanges() && target != null) {
                checkParentMayChange(caller, target.record());
            }
        }
        if (target != null
                && !move.exchanges()
                && move.targetIsDirectory()
                && !tree.volume().metadata().isEmptyDirectory(target.ino())) {
            throw new VfsException(Errno.ENOTEMPTY).with("name", move.newName);
        }
    }

    /** A directory's ".." is its content. */
    private static void checkParentMayChange(Caller caller, InodeRecord moved) throws VfsException {
        if (moved.isDirectory()) {
            Permissions.check(caller, moved, Permissions.WRITE);
        }
    }

    /** The new name is put before the old one is taken away: no lookup finds neither. */
    private void apply(Caller caller, Move move, InodeReferences references) throws IOException {
        try (Transaction transaction = tree.volume().begin()) {
            Timestamp now = Timestamp.now();
            Inode target = move.target;
            put(transaction, move.to, move.newName, move.source, now);
            if (target != null && move.exchanges()) {
                put(transaction, move.from, move.name, target, now);
            } else {
                if (move.mode.leavesWhiteout()) {
                    leaveWhiteout(transaction, caller, move, references, now);
                } else {
                    transaction.removeEntry(move.from.ino(), move.name);
                }
                if (target != null) {
                    Tree.dropName(transaction, target, now);
                }
            }
            int goes = move.movesDirectory() ? 1 : 0;
            int comes = move.exchanges() && move.targetIsDirectory() ? 1 : 0;
            int goesAway = !move.exchanges() && move.targetIsDirectory() ? 1 : 0;
            if (move.from == move.to) {
                Tree.entriesChanged(transaction, move.from, -goesAway, now);
            } else {
                Tree.entriesChanged(transaction, move.from, comes - goes, now);
                Tree.entriesChanged(transaction, move.to, goes - comes - goesAway, now);
            }
            transaction.complete();
        }
    }

    private void leaveWhiteout(
            Transaction transaction, Caller caller, Move move, InodeReferences references, Timestamp now)
            throws IOException {
        Inode whiteout = creation.make(transaction, caller, move.from.record(), EntryCreation.Blueprint.WHITEOUT, now);
        references.add(whiteout);
        transaction.putEntry(
                move.from.ino(), move.name, whiteout.ino(), whiteout.record().type());
    }

    private static void put(Transaction transaction, Inode directory, byte[] name, Inode inode, Timestamp now) {
        transaction.putEntry(directory.ino(), name, inode.ino(), inode.record().type());
        inode.update(
                transaction,
                record -> record.isDirectory()
                        ? record.withParent(directory.ino()).changedAt(now)
                        : record.changedAt(now));
    }
}
