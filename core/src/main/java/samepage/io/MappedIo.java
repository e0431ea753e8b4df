package samepage.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLeases.Use;
import samepage.pagecache.Folio;
import samepage.pagecache.Window;
import samepage.volume.Timestamp;

/**
 * Page faults: gives memory maps their windows on a file's pages. A fault holds the invalidate lock shared, so that whoever
 * holds it exclusive knows that no window opens.
 */
final class MappedIo {
    private final PageFill pageFill;
    private final SpacePromises promises;
    private final BlockSize blocks;

    MappedIo(PageFill pageFill, SpacePromises promises, BlockSize blocks) {
        this.pageFill = pageFill;
        this.promises = promises;
        this.blocks = blocks;
    }

    /**
     * A window on {@code block}, and on what the folio it lies in has of {@code [from, to)} besides. A writable one makes its
     * blocks dirty and the file modified; what is stored through it is told of when it is taken away.
     *
     * @throws VfsException EFAULT where the block lies past the file's end, ENOSPC where there is no room to write it
     */
    Window fault(Inode inode, long block, long from, long to, boolean writable) throws IOException {
        Use use = writable ? Use.CHANGE : Use.READ;
        while (true) {
            try (var _ = inode.invalidateLock().lockShared()) {
                long end = Math.min(to, blocks.upTo(inode.sizeBytes()));
                if (block >= end) {
                    throw new VfsException(Errno.EFAULT, "a mapped page lies past the end of the file")
                            .with("inode", inode.ino())
                            .with("offset", blocks.startOf(block))
                            .with("size", inode.sizeBytes());
                }
                if (!inode.leases().conflict(from, end, use)) {
                    Window window = tryOpen(inode, block, from, end, writable);
                    if (window != null) {
                        return window;
                    }
                    continue;
                }
            }
            PageFill.recall(inode, from, to, use);
        }
    }

    /** Null where the folio has left its file, or some of its content, between filling and locking. */
    private @Nullable Window tryOpen(Inode inode, long block, long from, long to, boolean writable) throws IOException {
        long start = from;
        Folio folio = pageFill.fillInvalidateLocked(inode, start, to - start);
        while (folio.endIndex() <= block) {
            start = folio.endIndex();
            folio.unpin();
            folio = pageFill.fillInvalidateLocked(inode, start, to - start);
        }
        long end = Math.min(to, folio.endIndex());
        try (var _ = folio.lock()) {
            if (!folio.isAttached() || !folio.isUpToDate(start, end)) {
                return null;
            }
            if (writable) {
                inode.mappedWritable();
                folio.setDirty(start, end, promises.promise(inode, folio, start, end));
                Timestamp now = Timestamp.now();
                inode.update(record -> record.modifiedAt(now));
            }
            return folio.openWindow(start, end, writable, inode::contentChanged);
        } finally {
            folio.unpin();
        }
    }
}
