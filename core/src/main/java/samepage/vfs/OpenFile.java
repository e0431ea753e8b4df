package samepage.vfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLease.Access;
import samepage.inode.SetIdBits;
import samepage.io.FileIo;
import samepage.io.ReadAhead;
import samepage.volume.InodeRecord;

/**
 * A file in use: its content stays until it is closed, whatever becomes of its names. Offsets and lengths are bytes. Safe
 * from any thread, but for closing it while it is used.
 *
 * <p>Every method that reads or writes content fails with EBADF where the file was not opened for that, with EISDIR where it
 * is a directory, and once the volume has been stopped with EIO.
 */
public final class OpenFile implements AutoCloseable {
    private static final long MAX_BYTES_AT_ONCE = 1L << 30;

    private final Inode inode;
    private final FileIo io;
    private final Set<OpenFlag> flags;
    private final SetIdBits setIdBits;
    private final AccessTimeRule accessTimes;
    private final ReadAhead readAhead = new ReadAhead();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a reference to the inode. */
    OpenFile(Inode inode, FileIo io, Caller opener, Set<OpenFlag> flags, AccessTimeRule accessTimes) {
        this.inode = inode;
        this.io = io;
        this.flags = Set.copyOf(flags);
        this.setIdBits = Permissions.setIdBits(opener, inode.record());
        this.accessTimes = accessTimes;
    }

    /** The inode, referred to until the file is closed. */
    @SuppressWarnings("exports") // for those whom the module shows that room
    public Inode inode() {
        return inode;
    }

    public long ino() {
        return inode.ino();
    }

    /** The attributes now. */
    public InodeRecord attributes() {
        return Attributes.of(inode);
    }

    /** What it was opened for. */
    public Set<OpenFlag> flags() {
        return flags;
    }

    /**
     * Reads at most {@code target.byteSize()} bytes.
     *
     * @return how many, less only where the file ends and of more than 1 GiB; 0 at its end and past it
     * @throws VfsException EINVAL for a negative offset, and where it is opened DIRECT for what is not of whole blocks
     */
    public int read(long offset, MemorySegment target) throws IOException {
        checkReadable();
        checkOffset(offset);
        MemorySegment part = atOnce(target);
        int bytes = has(OpenFlag.DIRECT) ? io.readDirect(inode, offset, part) : io.read(inode, offset, part, readAhead);
        if (!has(OpenFlag.NO_ACCESS_TIME)) {
            accessTimes.accessed(inode);
        }
        return bytes;
    }

    /**
     * Writes at {@code offset}; where the file is opened for appending at its end, whatever the offset.
     *
     * @return how many bytes were written: less than there are only where space has run out, and of more than 1 GiB
     * @throws VfsException ENOSPC where not one byte could be written, EFBIG past the greatest size, EINVAL for a negative
     *     offset, and where it is opened DIRECT for what is not of whole blocks
     */
    public int write(long offset, MemorySegment source) throws IOException {
        checkWritable();
        MemorySegment part = atOnce(source);
        if (has(OpenFlag.APPEND)) {
            return append(part);
        }
        checkOffset(offset);
        if (has(OpenFlag.DIRECT)) {
            return io.writeDirect(inode, offset, part, setIdBits);
        }
        return io.write(inode, offset, part, setIdBits).bytes();
    }

    /** What one call reads or writes of a segment: as much as an int counts, in whole blocks of any size. */
    static MemorySegment atOnce(MemorySegment whole) {
        return whole.asSlice(0, Math.min(whole.byteSize(), MAX_BYTES_AT_ONCE));
    }

    /** Where a direct write would begin is not known before it does: it goes through the pages, and from there to the device. */
    private int append(MemorySegment source) throws IOException {
        int bytes = io.write(inode, -1, source, setIdBits).bytes();
        if (has(OpenFlag.DIRECT)) {
            io.writeBack(inode);
        }
        return bytes;
    }

    /**
     * Begins a write of whole blocks past the pages, of a file opened DIRECT and not for appending.
     *
     * @param source must stay as it is until the answer completes
     * @return completes with the bytes written once a read would see them; exceptionally with an IOException
     */
    public CompletableFuture<Integer> writeDirectAsync(long offset, MemorySegment source) throws IOException {
        checkWritable();
        checkOffset(offset);
        if (!has(OpenFlag.DIRECT) || has(OpenFlag.APPEND)) {
            throw refused(Errno.EINVAL, "not opened for direct writes at an offset");
        }
        return io.writeDirectAsync(inode, offset, atOnce(source), setIdBits);
    }

    /** Sets the size: what is cut off is gone, what is added reads as zeros. */
    public void truncate(long sizeBytes) throws IOException {
        checkWritable();
        if (sizeBytes < 0) {
            throw refused(Errno.EINVAL, "negative size");
        }
        checkNotAppendOnly();
        io.setSize(inode, sizeBytes, Attributes.truncated(setIdBits));
    }

    /** Takes space for the range, which keeps its content; the file grows to its end unless {@code keepSize}. */
    public void allocate(long offset, long length, boolean keepSize) throws IOException {
        checkWritable();
        io.allocate(inode, offset, length, keepSize, setIdBits);
    }

    /** Makes the range a hole; the file keeps its size. */
    public void punchHole(long offset, long length) throws IOException {
        checkWritable();
        checkNotAppendOnly();
        io.punchHole(inode, offset, length, setIdBits);
    }

    /** Makes the range read as zeros, with space taken for it; the file grows to its end unless {@code keepSize}. */
    public void zeroRange(long offset, long length, boolean keepSize) throws IOException {
        checkWritable();
        checkNotAppendOnly();
        io.zeroRange(inode, offset, length, keepSize, setIdBits);
    }

    /** Takes whole blocks out of the file; what follows moves down. EINVAL where the range reaches the end. */
    public void collapseRange(long offset, long length) throws IOException {
        checkWritable();
        checkNotAppendOnly();
        io.collapseRange(inode, offset, length, setIdBits);
    }

    /** Puts a hole of whole blocks into the file; what follows moves up. EINVAL at the end and past it. */
    public void insertRange(long offset, long length) throws IOException {
        checkWritable();
        checkNotAppendOnly();
        io.insertRange(inode, offset, length, setIdBits);
    }

    /**
     * Maps {@code length} bytes from {@code offset} on into memory; both are free, and may lie past the file's end.
     *
     * @throws VfsException EACCES where the file was not opened for reading, or for {@link MappingMode#SHARED} not for writing
     *     too, or is for appending only; ENOMEM for more than {@link Mapping#MAX_BYTES}; EINVAL for a length that is not positive or a negative offset; ENODEV where it is no
     *     regular file
     */
    public Mapping map(MappingMode mode, long offset, long length) throws IOException {
        boolean stores = mode == MappingMode.SHARED;
        if (!has(OpenFlag.READ) || (stores && (!has(OpenFlag.WRITE) || has(OpenFlag.APPEND)))) {
            throw refused(Errno.EACCES, "not opened for what the map is for");
        }
        if (stores) {
            checkNotAppendOnly();
        }
        if (!inode.record().isRegular()) {
            throw refused(Errno.ENODEV, "only regular files can be mapped");
        }
        if (offset < 0 || length <= 0 || offset + length < 0) {
            throw refused(Errno.EINVAL, "no such range").with("offset", offset).with("length", length);
        }
        if (length > Mapping.MAX_BYTES) {
            throw refused(Errno.ENOMEM, "too long to be mapped at once").with("length", length);
        }
        if (!has(OpenFlag.NO_ACCESS_TIME)) {
            accessTimes.accessed(inode);
        }
        return new Mapping(io.inodes().get(inode.ino()), io, io.blockSize(), mode, offset, length);
    }

    /**
     * Leases a range of whole blocks, to be used past everybody else's locks and pages until somebody needs it.
     *
     * @param deadline how long {@code recalled} may take to have the lease closed; then it is fenced
     * @param recalled called once, on a thread of its own, when the lease is asked back
     * @throws VfsException EBADF where the file was not opened for it, EINVAL where the range is not of whole blocks or reaches
     *     past the file's last, EAGAIN while the file's leases are being recalled, ENOSPC
     */
    public LayoutLease lease(LeaseMode mode, long offset, long length, Duration deadline, Runnable recalled)
            throws IOException {
        if (mode == LeaseMode.READ) {
            checkReadable();
        } else {
            checkWritable();
            checkNotAppendOnly();
        }
        checkOffset(offset);
        int blockSize = io.blockSize();
        if (length <= 0 || offset % blockSize != 0 || length % blockSize != 0) {
            throw refused(Errno.EINVAL, "a lease is of whole blocks")
                    .with("offset", offset)
                    .with("length", length);
        }
        Inode leased = io.inodes().get(inode.ino());
        try {
            var access = mode == LeaseMode.READ ? Access.READ : Access.WRITE;
            var granted = io.lease(
                    leased, offset / blockSize, offset / blockSize + length / blockSize, access, deadline, recalled);
            return new LayoutLease(leased, io, granted, offset, length);
        } catch (Throwable e) {
            io.inodes().release(leased);
            throw e;
        }
    }

    /** The first byte of data from {@code offset} on; ENXIO where there is none. */
    public long seekData(long offset) throws IOException {
        checkRegular();
        return io.seekData(inode, offset);
    }

    /** The first byte of a hole from {@code offset} on, the end of the file being one; ENXIO from the end on. */
    public long seekHole(long offset) throws IOException {
        checkRegular();
        return io.seekHole(inode, offset);
    }

    /** Makes content and attributes durable; where {@code dataOnly} of the attributes those that reading needs. */
    public void fsync(boolean dataOnly) throws IOException {
        io.fsync(inode, dataOnly);
    }

    private boolean has(OpenFlag flag) {
        return flags.contains(flag);
    }

    private void checkReadable() throws VfsException {
        if (!has(OpenFlag.READ)) {
            throw refused(Errno.EBADF, "not opened for reading");
        }
        checkRegular();
    }

    private void checkWritable() throws VfsException {
        if (!has(OpenFlag.WRITE)) {
            throw refused(Errno.EBADF, "not opened for writing");
        }
        checkRegular();
    }

    private void checkRegular() throws VfsException {
        if (closed.get()) {
            throw refused(Errno.EBADF, "closed");
        }
        if (inode.record().isDirectory()) {
            throw refused(Errno.EISDIR, "");
        }
    }

    private void checkOffset(long offset) throws VfsException {
        if (offset < 0) {
            throw refused(Errno.EINVAL, "negative offset");
        }
    }

    private void checkNotAppendOnly() throws VfsException {
        if (inode.record().has(InodeRecord.FLAG_APPEND_ONLY)) {
            throw refused(Errno.EPERM, "append only");
        }
    }

    private VfsException refused(Errno errno, String text) {
        return new VfsException(errno, text).with("inode", inode.ino());
    }

    /** Gives the file back; where it has no name left and this was its last user, its content is freed. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            inode.directIo().awaitZero();
            io.inodes().release(inode);
        }
    }
}
