package samepage.io;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLease.Access;
import samepage.inode.LayoutLeases.Use;
import samepage.volume.Extent;
import samepage.volume.PhysicalRun;
import samepage.volume.Volume;

/** Grants layout leases: blocks of a file to be used past its pages and locks. */
final class LayoutIo {
    private static final long MAX_BLOCKS = 1L << 30;

    private final Volume volume;
    private final Writeback writeback;
    private final BlockSize blocks;
    private final Set<GrantedLayout> granted = ConcurrentHashMap.newKeySet();

    LayoutIo(Volume volume, Writeback writeback, BlockSize blocks) {
        this.volume = volume;
        this.writeback = writeback;
        this.blocks = blocks;
    }

    /**
     * Leases blocks {@code [from, to)} of the file. To read, they are pinned where they lie; to write, fresh ones are taken
     * that become the file's when the lease is returned.
     *
     * @param holder asks for the lease, once, on a thread of its own
     * @throws VfsException EINVAL where the file does not have all these blocks, EAGAIN while the range is being recalled,
     *     ENOSPC where there is no room to write them
     */
    GrantedLayout grant(Inode inode, long from, long to, Access access, Duration deadline, Runnable holder)
            throws IOException {
        try (var _ = inode.lockExclusive(from, to, access == Access.READ ? Use.READ : Use.CHANGE);
                var _ = inode.invalidateLock().lockExclusive()) {
            inode.directIo().awaitZero();
            if (from >= to || to > blocks.upTo(inode.sizeBytes())) {
                throw new VfsException(Errno.EINVAL, "only what the file has can be leased")
                        .with("inode", inode.ino())
                        .with("size", inode.sizeBytes());
            }
            if (to - from > MAX_BLOCKS) {
                throw new VfsException(Errno.EINVAL, "too much to be leased at once").with("inode", inode.ino());
            }
            writeback.writeBack(inode, from, to);
            return access == Access.READ
                    ? toRead(inode, from, to, deadline, holder)
                    : toWrite(inode, from, to, deadline, holder);
        }
    }

    private GrantedLayout register(Inode inode, GrantedLayout layout) throws VfsException {
        if (!inode.leases().grant(layout.lease())) {
            layout.discard();
            throw new VfsException(Errno.EAGAIN, "leases of the file are being recalled").with("inode", inode.ino());
        }
        granted.add(layout);
        return layout;
    }

    /** With the writeback lock held from the look to the grant: a dedupe moves the blocks before, or finds the lease. */
    private GrantedLayout toRead(Inode inode, long from, long to, Duration deadline, Runnable holder)
            throws IOException {
        try (var _ = inode.writebackLock().lockExclusive()) {
            List<Extent> extents = inode.extents().lookup(from, to).stream()
                    .filter(Extent::written)
                    .toList();
            var pin = volume.pin(extents.stream()
                    .map(extent -> new PhysicalRun(extent.physicalBlock(), extent.blockCount()))
                    .toList());
            return register(
                    inode, new GrantedLayout(volume, inode, from, to, extents, pin, granted::remove, deadline, holder));
        }
    }

    /** No page of the range stays: nobody else reads or writes it until the lease is back. */
    private GrantedLayout toWrite(Inode inode, long from, long to, Duration deadline, Runnable holder)
            throws IOException {
        inode.unmap(from, to);
        try (var _ = inode.writebackLock().lockExclusive()) {
            inode.pages().drop(from, to);
        }
        volume.promise(to - from);
        List<PhysicalRun> runs;
        try {
            runs = volume.allocate(to - from);
        } finally {
            volume.redeem(to - from, to - from);
        }
        return register(inode, new GrantedLayout(volume, inode, from, to, runs, granted::remove, deadline, holder));
    }

    /** Takes all leases from their holders: the file system is being closed. */
    void fenceAll() {
        granted.forEach(layout -> layout.lease().fence());
    }
}
