package samepage.vfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.io.FileIo;
import samepage.io.GrantedLayout;

/**
 * A range of a file's blocks in the hands of one holder, who reads or writes them on the device without locks, pages or
 * transactions. It lasts until it is closed, or somebody else needs the range: for reading what a writer has, for changing
 * it, for cloning or deduplicating it. Then the holder is asked, has until the deadline to close it, and finds it fenced
 * after that.
 *
 * <p>To read: the blocks stay as they were when the lease was granted. To write: what is written is on its own blocks, and
 * becomes the file's content as a whole when the lease is closed; a crash or a fence before leaves the file as it was.
 *
 * <p>Offsets are bytes from the beginning of the lease. Every use fails with ESTALE once the lease has ended. Safe from any
 * thread.
 */
public final class LayoutLease implements AutoCloseable {
    private final Inode inode;
    private final FileIo io;
    private final GrantedLayout layout;
    private final long fileOffset;
    private final long byteSize;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a reference to the inode. */
    LayoutLease(Inode inode, FileIo io, GrantedLayout layout, long fileOffset, long byteSize) {
        this.inode = inode;
        this.io = io;
        this.layout = layout;
        this.fileOffset = fileOffset;
        this.byteSize = byteSize;
    }

    public long byteSize() {
        return byteSize;
    }

    /** True once somebody needs the range: close the lease soon. */
    public boolean isAskedBack() {
        return layout.isAskedBack();
    }

    /**
     * Reads whole blocks, verified against their checksums; of a lease to write what has been written through it, and zeros.
     */
    public void read(long offset, MemorySegment target) throws IOException {
        layout.read(blockOf(offset, target.byteSize()), target);
    }

    /** Writes whole blocks; EBADF for a lease to read. */
    public void write(long offset, MemorySegment source) throws IOException {
        layout.write(blockOf(offset, source.byteSize()), source);
    }

    /**
     * Sends bytes to a channel, from the device's file where the host can do that by itself; they are not verified.
     *
     * @return how many have been sent; less than asked for at the end of a run on the device, and where the target takes no
     *     more for now
     */
    public long transferTo(long offset, long length, WritableByteChannel target) throws IOException {
        Objects.checkFromIndexSize(offset, length, byteSize);
        return length == 0 ? 0 : layout.transferTo(fileOffset + offset, length, target);
    }

    private long blockOf(long offset, long length) throws VfsException {
        Objects.checkFromIndexSize(offset, length, byteSize);
        if (offset % io.blockSize() != 0 || length % io.blockSize() != 0) {
            throw new VfsException(Errno.EINVAL, "a lease is used by whole blocks")
                    .with("inode", inode.ino())
                    .with("offset", offset)
                    .with("length", length);
        }
        return (fileOffset + offset) / io.blockSize();
    }

    /**
     * Gives the lease back; what has been written is the file's now, whoever closes it first.
     *
     * @throws VfsException ESTALE where it had been fenced, and what was written is lost
     */
    @Override
    public void close() throws IOException {
        try {
            layout.giveBack();
        } finally {
            if (closed.compareAndSet(false, true)) {
                io.inodes().release(inode);
            }
        }
    }
}
