package samepage.io;

import java.io.IOException;
import java.util.List;
import samepage.inode.Inode;
import samepage.inode.InodeTable;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** The end of inodes that have no name and no user left, now or, after a crash, when the volume is opened again. */
final class Orphans {
    private final Volume volume;
    private final Truncation truncation;
    private final BlockSize blocks;

    Orphans(Volume volume, Truncation truncation) {
        this.volume = volume;
        this.truncation = truncation;
        this.blocks = new BlockSize(volume.blockSize());
    }

    /** Frees an inode that has no name and no user left. */
    void free(Inode inode) throws IOException {
        if (volume.isReadOnly()) {
            return;
        }
        inode.directIo().awaitZero();
        try (var _ = inode.writebackLock().lockExclusive()) {
            inode.pages().drop(0, Long.MAX_VALUE);
            if (inode.extents().mappedBlocks() > 0) {
                truncation.unmapRest(inode, 0);
            }
            List<byte[]> xattrs = inode.record().has(InodeRecord.FLAG_HAS_XATTRS)
                    ? volume.metadata().xattrNames(inode.ino())
                    : List.of();
            try (Transaction transaction = volume.begin()) {
                xattrs.forEach(name -> transaction.removeXattr(inode.ino(), name));
                if (inode.record().type() == FileType.SYMBOLIC_LINK) {
                    transaction.removeSymlinkTarget(inode.ino());
                }
                transaction.removeOrphan(inode.ino());
                inode.remove(transaction);
                transaction.complete();
            }
        }
    }

    /** See {@link FileIo#recoverOrphans}. */
    void recover(InodeTable inodes) throws IOException {
        for (long ino : volume.metadata().orphans()) {
            Inode inode = inodes.get(ino);
            try {
                if (inode.record().linkCount() > 0) {
                    truncation.unmapRest(inode, blocks.upTo(inode.sizeBytes()));
                }
            } finally {
                inodes.release(inode);
            }
        }
    }
}
