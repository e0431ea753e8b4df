package samepage.io;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLeases.Use;
import samepage.volume.Extent;

/** Tells data from holes. What is dirty is written back first, so that the extents know of it. */
final class Seek {
    private final int blockSize;
    private final Writeback writeback;

    Seek(int blockSize, Writeback writeback) {
        this.blockSize = blockSize;
        this.writeback = writeback;
    }

    /** See {@link FileIo#seekData}. */
    long data(Inode inode, long offset) throws IOException {
        try (var _ = inode.lockShared(offset / blockSize, Long.MAX_VALUE, Use.READ)) {
            checkOffset(inode, offset);
            writeback.writeBack(inode, offset / blockSize, Long.MAX_VALUE);
            Extent extent = nextWritten(inode, offset / blockSize);
            long start = extent == null ? Long.MAX_VALUE : extent.fileBlock() * blockSize;
            if (start >= inode.sizeBytes()) {
                throw new VfsException(Errno.ENXIO).with("inode", inode.ino()).with("offset", offset);
            }
            return Math.max(offset, start);
        }
    }

    /** See {@link FileIo#seekHole}. */
    long hole(Inode inode, long offset) throws IOException {
        try (var _ = inode.lockShared(offset / blockSize, Long.MAX_VALUE, Use.READ)) {
            checkOffset(inode, offset);
            writeback.writeBack(inode, offset / blockSize, Long.MAX_VALUE);
            long block = offset / blockSize;
            Extent extent = nextWritten(inode, block);
            while (extent != null && extent.fileBlock() <= block) {
                block = extent.endBlock();
                extent = nextWritten(inode, block);
            }
            return Math.min(inode.sizeBytes(), Math.max(offset, block * blockSize));
        }
    }

    private static @Nullable Extent nextWritten(Inode inode, long block) throws IOException {
        Extent extent = inode.extents().next(block);
        while (extent != null && !extent.written()) {
            extent = inode.extents().next(extent.endBlock());
        }
        return extent;
    }

    private static void checkOffset(Inode inode, long offset) throws VfsException {
        if (offset < 0 || offset >= inode.sizeBytes()) {
            throw new VfsException(Errno.ENXIO).with("inode", inode.ino()).with("offset", offset);
        }
    }
}
