package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** An open file of the host that is no directory. Offsets and lengths are bytes; buffers are native segments. */
public final class HostFile extends HostDescriptor {
    /** What {@link #seekData} and {@link #seekHole} return where there is none. */
    public static final long NOWHERE = -1;

    /** What {@link #dedupe} returns where the ranges differ. */
    public static final long DIFFERENT = -1;

    /** As much as one POSIX_FADV_WILLNEED reads on a device with Linux's defaults. */
    private static final long READ_AHEAD_BYTES = 128 << 10;

    HostFile(int number, @Nullable HostDirectory parent, byte[] name) {
        super(number, parent, name);
    }

    /**
     * Opens a path, absolute or from the working directory on, with {@link OpenFlags}. Symbolic links are followed, unless the flags
     * say otherwise for the last name; no child process inherits the descriptor.
     */
    public static HostFile open(byte[] path, int flags, int permissions) throws VfsException {
        var opened = HostDirectory.openPath(path, flags | OpenFlags.CLOSE_ON_EXEC, permissions, "cannot open");
        return new HostFile(opened, null, path);
    }

    /** A descriptor that is open already: 0, 1 and 2, or one that was handed over. {@code name} is for messages. */
    public static HostFile ofDescriptor(int number, byte[] name) {
        return new HostFile(number, null, name);
    }

    /** From now on that descriptor too, such as 2 for standard error, is this file, in this whole process. */
    public void becomeDescriptor(int descriptor) throws VfsException {
        check(FileCalls.duplicate(number(), descriptor), "cannot duplicate the descriptor");
    }

    /** Reads until the buffer is full or the file ends; returns the bytes read, 0 from the file's end on. */
    public long read(MemorySegment target, long offsetBytes) throws VfsException {
        var capacityBytes = target.byteSize();
        var readBytes = 0L;
        while (readBytes < capacityBytes) {
            var rest = readBytes == 0 ? target : target.asSlice(readBytes);
            var result = FileCalls.readAt(number(), rest, capacityBytes - readBytes, offsetBytes + readBytes);
            if (result < 0) {
                throw failure(result, "cannot read").with("offset", offsetBytes + readBytes);
            }
            if (result == 0) {
                break;
            }
            readBytes += result;
        }
        return readBytes;
    }

    /** Writes the whole buffer. Where it fails ({@code ENOSPC}, say), a first part may be written. */
    public void write(MemorySegment source, long offsetBytes) throws VfsException {
        var lengthBytes = source.byteSize();
        var writtenBytes = 0L;
        while (writtenBytes < lengthBytes) {
            var rest = writtenBytes == 0 ? source : source.asSlice(writtenBytes);
            var result = FileCalls.writeAt(number(), rest, lengthBytes - writtenBytes, offsetBytes + writtenBytes);
            if (result < 0) {
                throw failure(result, "cannot write").with("offset", offsetBytes + writtenBytes);
            }
            writtenBytes += result;
        }
    }

    /** One read(2) of a stream or device at its own position: returns the bytes it gave, 0 at the end. */
    public long readNext(MemorySegment target) throws VfsException {
        return check(FileCalls.read(number(), target, target.byteSize()), "cannot read");
    }

    /** Writes the whole buffer to a stream, or at the file's own position. */
    public void writeNext(MemorySegment source) throws VfsException {
        var rest = source;
        while (rest.byteSize() > 0) {
            rest = rest.asSlice(check(FileCalls.write(number(), rest, rest.byteSize()), "cannot write"));
        }
    }

    /** The offset, {@code offsetBytes} or above, where data begins; {@link #NOWHERE} where only a hole follows, or the end. */
    public long seekData(long offsetBytes) throws VfsException {
        return seek(offsetBytes, FileCalls.SEEK_DATA);
    }

    /**
     * The offset, {@code offsetBytes} or above, where a hole begins, the file's end included; {@link #NOWHERE} from the end on.
     */
    public long seekHole(long offsetBytes) throws VfsException {
        return seek(offsetBytes, FileCalls.SEEK_HOLE);
    }

    /** The size; of a block device, too. */
    public long sizeBytes() throws VfsException {
        return check(FileCalls.seek(number(), 0, FileCalls.SEEK_END), "cannot tell the size");
    }

    /** Cuts the file off, or lets it grow by a hole. */
    public void truncate(long sizeBytes) throws VfsException {
        check(SpaceCalls.truncate(number(), sizeBytes), "cannot set the size");
    }

    /** fallocate(2) with {@link FallocateMode}; {@code EOPNOTSUPP} where the file system has no such mode. */
    public void allocate(int mode, long offsetBytes, long lengthBytes) throws VfsException {
        var result = SpaceCalls.allocate(number(), mode, offsetBytes, lengthBytes);
        if (result < 0) {
            throw failure(result, "cannot allocate")
                    .with("mode", mode)
                    .with("offset", offsetBytes)
                    .with("length", lengthBytes);
        }
    }

    /** Gives the storage of a range back: it reads as zeros, the size stays. */
    public void punchHole(long offsetBytes, long lengthBytes) throws VfsException {
        allocate(FallocateMode.PUNCH_HOLE | FallocateMode.KEEP_SIZE, offsetBytes, lengthBytes);
    }

    /** Makes the content durable, and of the status what reading it takes. */
    public void dataSync() throws VfsException {
        check(SpaceCalls.dataSync(number()), "cannot sync");
    }

    /** Tells the host what will be done with a range; length 0 is up to the end. */
    public void advise(ReadAdvice advice, long offsetBytes, long lengthBytes) throws VfsException {
        check(SpaceCalls.advise(number(), offsetBytes, lengthBytes, advice.number()), "cannot advise");
    }

    /**
     * Copies within the host, which may share storage instead; returns the bytes copied, fewer than asked for where this file ends.
     * {@code EXDEV} or {@code EOPNOTSUPP} where the host cannot.
     */
    public long copyTo(HostFile target, long offsetBytes, long targetOffsetBytes, long lengthBytes)
            throws VfsException {
        var copiedBytes = 0L;
        while (copiedBytes < lengthBytes) {
            var result = SpaceCalls.copy(
                    number(),
                    offsetBytes + copiedBytes,
                    target.number(),
                    targetOffsetBytes + copiedBytes,
                    lengthBytes - copiedBytes);
            if (result < 0) {
                throw failure(result, "cannot copy").with("to", target.path());
            }
            if (result == 0) {
                break;
            }
            copiedBytes += result;
        }
        return copiedBytes;
    }

    /**
     * Begins to read a range into the host's page cache, and does not wait for it. Linux takes no more of one request than its
     * read-ahead, so this makes many.
     */
    public void prefetch(long offsetBytes, long lengthBytes) throws VfsException {
        for (var done = 0L; done < lengthBytes; done += READ_AHEAD_BYTES) {
            advise(ReadAdvice.WILL_NEED, offsetBytes + done, Math.min(READ_AHEAD_BYTES, lengthBytes - done));
        }
    }

    /**
     * Tells each extent of which a part is in the range, holes left out, in the order of their offsets, until the visitor has
     * enough. {@code EOPNOTSUPP} or {@code ENOTTY} where the file system does not say.
     */
    public void forEachExtent(long fromBytes, long toBytes, HostExtents.Visitor visitor) throws VfsException {
        HostExtents.visit(this, fromBytes, toBytes, visitor);
    }

    /**
     * Has the target's range take this file's storage, where the kernel finds the bytes the same.
     *
     * @return the bytes that the kernel says are shared now; {@link #DIFFERENT} where a byte differs
     */
    public long dedupe(long offsetBytes, HostFile target, long targetOffsetBytes, long lengthBytes)
            throws VfsException {
        return DedupeRangeFormat.dedupe(this, offsetBytes, target, targetOffsetBytes, lengthBytes);
    }

    private long seek(long offsetBytes, int whence) throws VfsException {
        var result = FileCalls.seek(number(), offsetBytes, whence);
        return result == -Errno.ENXIO.number() ? NOWHERE : check(result, "cannot seek");
    }
}
