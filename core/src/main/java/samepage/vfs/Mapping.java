package samepage.vfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.io.FileIo;
import samepage.pagecache.Window;

/**
 * A file in memory: {@code mmap} for a volume's files. What it hands out are windows on the file's pages themselves, so that
 * loads and stores run at the speed of memory, and everybody who reads or writes the file sees the same bytes.
 *
 * <p>A window can be taken away at any moment: when its page is written back, truncated, shared with another file. Accessing
 * it fails with an {@link IllegalStateException} from then on; the answer is to ask for a new one and to access that, as
 * {@link #read} and {@link #write} do. A store that failed so may have been made or not, which is all the same to one that is
 * made again; do not build read-modify-write operations on it.
 *
 * <p>Offsets are bytes from the beginning of the map. It may reach past the file's end: what lies in the file's last block
 * can be accessed, whatever lies beyond fails with EFAULT until the file has grown. It outlives the open file it was made
 * from, and the file's names. Safe from any thread.
 */
public final class Mapping implements AutoCloseable {
    /** The longest map: 16 TiB. Its page table takes memory by its length. */
    public static final long MAX_BYTES = 1L << 44;

    private static final int READ_AROUND_BLOCKS = 16;

    private final Inode inode;
    private final FileIo io;
    private final int blockSize;
    private final MappingMode mode;
    private final long fileOffset;
    private final long byteSize;
    private final MappedViews readable;
    private final MappedViews writable;
    private final LongConsumer onTruncation;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a reference to the inode. */
    Mapping(Inode inode, FileIo io, int blockSize, MappingMode mode, long fileOffset, long byteSize) {
        this.inode = inode;
        this.io = io;
        this.blockSize = blockSize;
        this.mode = mode;
        this.fileOffset = fileOffset;
        this.byteSize = byteSize;
        long firstBlock = fileOffset / blockSize;
        long endBlock = (fileOffset + byteSize - 1) / blockSize + 1;
        this.readable = new MappedViews(firstBlock, endBlock, READ_AROUND_BLOCKS);
        this.writable = new MappedViews(firstBlock, endBlock, 1);
        this.onTruncation = writable::closeFrom;
        inode.addTruncationListener(onTruncation);
    }

    public long byteSize() {
        return byteSize;
    }

    public MappingMode mode() {
        return mode;
    }

    /**
     * Memory to load from: what lies at {@code offset} and as much after it as is in one piece, at least one byte.
     *
     * @throws VfsException EFAULT where the file has ended before the block of {@code offset}, EIO where it cannot be read,
     *     EBADF where the map is closed
     * @throws IndexOutOfBoundsException where {@code offset} is not within the map
     */
    public MemorySegment readWindow(long offset) throws IOException {
        long block = blockOf(offset);
        MappedView view = writable.find(block);
        if (view == null) {
            view = readable.find(block);
        }
        return from(view != null ? view : open(readable, faultToRead(block)), offset);
    }

    /**
     * Memory to store to, likewise.
     *
     * @throws VfsException as {@link #readWindow}; ENOSPC where there is no room for the file's new content; EACCES where the
     *     map is for reading
     */
    public MemorySegment writeWindow(long offset) throws IOException {
        if (mode == MappingMode.READ_ONLY) {
            throw refused(Errno.EACCES, "mapped for reading only");
        }
        long block = blockOf(offset);
        MappedView view = writable.find(block);
        if (view == null) {
            view = open(writable, mode == MappingMode.SHARED ? faultToWrite(block) : copy(block));
        }
        return from(view, offset);
    }

    /** Loads {@code target.byteSize()} bytes. */
    public void read(long offset, MemorySegment target) throws IOException {
        for (long done = 0; done < target.byteSize(); ) {
            MemorySegment window = readWindow(offset + done);
            long bytes = Math.min(window.byteSize(), target.byteSize() - done);
            try {
                MemorySegment.copy(window, 0, target, done, bytes);
                done += bytes;
            } catch (IllegalStateException e) {
                throwUnlessTaken(window, e);
            }
        }
    }

    /** Stores the bytes of {@code source}. */
    public void write(long offset, MemorySegment source) throws IOException {
        for (long done = 0; done < source.byteSize(); ) {
            MemorySegment window = writeWindow(offset + done);
            long bytes = Math.min(window.byteSize(), source.byteSize() - done);
            try {
                MemorySegment.copy(source, done, window, 0, bytes);
                done += bytes;
            } catch (IllegalStateException e) {
                throwUnlessTaken(window, e);
            }
        }
    }

    private static void throwUnlessTaken(MemorySegment window, IllegalStateException e) {
        if (window.scope().isAlive()) {
            throw e;
        }
    }

    /** Makes what has been stored durable: {@code msync}. Of a private map, nothing. */
    public void force() throws IOException {
        checkOpen();
        if (mode == MappingMode.SHARED) {
            io.fsync(inode, true);
        }
    }

    private MappedView faultToRead(long block) throws IOException {
        return MappedView.of(fault(readable, block, false));
    }

    private MappedView faultToWrite(long block) throws IOException {
        return MappedView.of(fault(writable, block, true));
    }

    private Window fault(MappedViews views, long block, boolean toWrite) throws IOException {
        checkOpen();
        MappedViews.Around around = views.around(block);
        long first = Math.max(around.from(), fileOffset / blockSize);
        long end = Math.min(around.to(), (fileOffset + byteSize - 1) / blockSize + 1);
        return io.fault(inode, block, first, end, toWrite);
    }

    /** The map's own copy of the blocks around one. */
    private MappedView copy(long block) throws IOException {
        while (true) {
            Window original = fault(writable, block, false);
            try {
                return MappedView.copyOf(MappedView.of(original));
            } catch (IllegalStateException e) {
                throwUnlessTaken(original.segment(), e);
            } finally {
                original.close();
            }
        }
    }

    private MappedView open(MappedViews views, MappedView view) throws IOException {
        views.add(view);
        if (closed.get()) { // maybe after close() had closed what was there
            views.closeFrom(0);
            checkOpen();
        }
        if (mode == MappingMode.PRIVATE && view.from() * blockSize >= inode.sizeBytes()) {
            views.closeFrom(view.from()); // a truncation may not have seen it; the next access faults and is told
        }
        return view;
    }

    private MemorySegment from(MappedView view, long offset) {
        long start = fileOffset + offset - view.from() * blockSize;
        return view.memory().asSlice(start, Math.min(view.memory().byteSize() - start, byteSize - offset));
    }

    private long blockOf(long offset) {
        java.util.Objects.checkIndex(offset, byteSize);
        return (fileOffset + offset) / blockSize;
    }

    private void checkOpen() throws VfsException {
        if (closed.get()) {
            throw refused(Errno.EBADF, "unmapped");
        }
    }

    private VfsException refused(Errno errno, String text) {
        return new VfsException(errno, text).with("inode", inode.ino());
    }

    /** Unmaps; waits for I/O operations on the map's memory. What has been stored is the file's, and durable when that is. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            inode.removeTruncationListener(onTruncation);
            readable.closeFrom(0);
            writable.closeFrom(0);
            io.inodes().release(inode);
        }
    }
}
