package samepage.io;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.pagecache.Folio;
import samepage.volume.Extent;
import samepage.volume.InodeRecord;
import samepage.volume.Volume;

/** Space for blocks that are about to become dirty, so that writing them back does not run out of it (P3). */
final class SpacePromises {
    private final Volume volume;

    SpacePromises(Volume volume) {
        this.volume = volume;
    }

    /**
     * Promises space for what is clean of {@code [from, to)}; the caller holds the folio's lock and dirties all of it.
     *
     * @return false where blocks have been allocated for it already
     * @throws VfsException ENOSPC where there is no room
     */
    boolean promise(Inode inode, Folio folio, long from, long to) throws IOException {
        int clean = folio.cleanBlocks(from, to);
        if (clean == 0) {
            return true;
        }
        try {
            volume.promise(clean);
            return true;
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOSPC && isPreallocated(inode, from, to)) {
                return false;
            }
            throw e;
        }
    }

    /** The same for zeroing, which must not fail for want of space: it is part of giving space back. */
    boolean promiseWhereRoom(Folio folio, long from, long to) throws IOException {
        int clean = folio.cleanBlocks(from, to);
        try {
            if (clean > 0) {
                volume.promise(clean);
            }
            return true;
        } catch (VfsException e) {
            return false;
        }
    }

    private static boolean isPreallocated(Inode inode, long from, long to) throws IOException {
        return inode.record().has(InodeRecord.FLAG_PREALLOCATED)
                && inode.extents().lookup(from, to).stream()
                                .filter(extent -> !extent.written())
                                .mapToLong(Extent::blockCount)
                                .sum()
                        == to - from;
    }
}
