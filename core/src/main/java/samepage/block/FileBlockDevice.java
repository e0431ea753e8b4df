package samepage.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A block device in a sparse regular file, which grows as it is written, or in a raw device such as {@code /dev/loop0},
 * whose size bounds it.
 *
 * <p>Nothing here locks the file, and a lock on it does not last: closing any channel of a file drops the POSIX locks that
 * this process holds on it, and channels come and go with interrupts. Keep the lock in another file.
 */
/*
 * Three channels of one file:
 *
 * buffered  reads, and small writes. Reads are buffered because the host then reads ahead, and keeps for a second process or
 *           a later one what our own cache has dropped. Under a mount the kernel does both above us, so that large reads are
 *           direct there: 1 MiB each in sequence through a mount on two cores, ext4 over virtio, took 0.7 to 1.3 s of the
 *           daemon's CPU for 512 MiB buffered, and 0.25 to 0.5 s direct, at 230 .. 790 against 810 .. 1125 MB/s.
 * direct    large aligned writes (O_DIRECT), where the host's file system has it. Written data is rarely read back soon, and
 *           filling the host's cache with it costs more than the disk. GB/s for 1 GiB in sequence with the final flush, on
 *           ext4 over virtio (FileBlockDeviceSpeed in the tests); the two buffered figures are fresh memory for the host's
 *           cache, and memory that it had just used:
 *
 *               write size   buffered       direct
 *               64 KiB       0.4 .. 2.2     0.8
 *               256 KiB      0.4 .. 2.4     1.7 .. 1.9
 *               2 MiB        0.4 .. 2.4     2.0 .. 3.0
 *
 *           An import writes more than it finds memory for, so the lower buffered figure is the one that it meets.
 * flushing  fdatasync alone, on threads that nobody interrupts. The host reports a lost write once to each open
 *           descriptor; an interrupt in the middle would close the channel and swallow the report.
 */
public final class FileBlockDevice implements BlockDevice {
    private static final int SMALLEST_DIRECT_WRITE_BYTES = 64 * 1024;
    private static final int SMALLEST_DIRECT_READ_BYTES = 128 * 1024;
    private static final int DIRECT_ALIGNMENT_BYTES = 4096;

    /** The JDK copies heap memory through a buffer per thread that grows to the largest request. */
    private static final long LARGEST_HEAP_TRANSFER_BYTES = 256 * 1024;

    private static final long LARGEST_NATIVE_TRANSFER_BYTES = 1L << 30;

    /** S_IFMT and S_IFBLK of inode(7). */
    private static final int FILE_TYPE_MASK = 0170000;

    private static final int RAW_DEVICE = 0060000;

    private static final ExecutorService FLUSHING_THREADS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("samepage-flush-", 0).factory());

    private final Path path;
    private final int blockSize;
    private final long blockCount;
    private final boolean readOnly;
    private final boolean directReads;
    private final HostSpace hostSpace;
    private final ReopeningChannel buffered;
    private final @Nullable ReopeningChannel direct;
    private final long directAlignmentBytes;
    private final FileChannel flushing;

    private volatile boolean directRefused;
    private volatile boolean directReadRefused;
    private volatile boolean punchRefused;
    private volatile boolean reserveRefused;
    private volatile @Nullable VfsException flushFailure;
    private volatile boolean closed;

    /**
     * Makes an empty file for a device, readable and writable by its owner alone, and its name durable.
     *
     * @throws VfsException EEXIST where there is a file already, ENOENT where its directory is missing
     */
    public static void createFile(Path path) throws IOException {
        try {
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (var directory = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw HostFailure.of("cannot make the block device's file", path, e);
        }
    }

    /** Opens an existing file or raw device whose space is what the JDK can tell; discards do nothing. */
    public static FileBlockDevice open(Path path, int blockSize) throws IOException {
        return open(path, blockSize, new PlainHostSpace(path));
    }

    /**
     * Opens an existing file or raw device.
     *
     * @throws VfsException ENOENT where it is missing, EINVAL where it can hold no blocks (a directory, a pipe), EACCES, EIO
     */
    public static FileBlockDevice open(Path path, int blockSize, HostSpace hostSpace) throws IOException {
        return open(path, blockSize, hostSpace, false, false);
    }

    /** Opens an existing file or raw device that this process must not change; writes and discards fail with EROFS. */
    public static FileBlockDevice openReadOnly(Path path, int blockSize, HostSpace hostSpace) throws IOException {
        return open(path, blockSize, hostSpace, true, false);
    }

    /**
     * Opens an existing file or raw device.
     *
     * @param readOnly whether this process must not change it; then writes and discards fail with EROFS
     * @param directReads whether large reads go past the host's cache: where a cache lies above that also reads ahead
     */
    public static FileBlockDevice open(
            Path path, int blockSize, HostSpace hostSpace, boolean readOnly, boolean directReads) throws IOException {
        BlockRequest.checkedBlockSize(blockSize);
        try {
            if (!Files.isRegularFile(path) && !isRawDevice(path)) {
                throw new VfsException(Errno.EINVAL, "neither a regular file nor a raw device").with("path", path);
            }
            return new FileBlockDevice(path, blockSize, hostSpace, readOnly, directReads);
        } catch (IOException e) {
            throw HostFailure.of("cannot open the block device", path, e);
        }
    }

    /** Asked before anything is opened: opening a pipe would wait for its other end. */
    private static boolean isRawDevice(Path path) throws IOException {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return attributes.isOther() && ((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE_MASK) == RAW_DEVICE;
    }

    private FileBlockDevice(Path path, int blockSize, HostSpace hostSpace, boolean readOnly, boolean directReads)
            throws IOException {
        this.path = path;
        this.blockSize = blockSize;
        this.readOnly = readOnly;
        this.directReads = directReads;
        this.hostSpace = hostSpace;
        var options =
                readOnly ? Set.of(StandardOpenOption.READ) : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.buffered = new ReopeningChannel(path, options);
        try {
            this.flushing = FileChannel.open(path, options);
        } catch (IOException e) {
            buffered.close();
            throw e;
        }
        this.blockCount = blockCount(path, flushing, blockSize);
        this.directAlignmentBytes =
                Math.max(DIRECT_ALIGNMENT_BYTES, Files.getFileStore(path).getBlockSize());
        this.direct = readOnly && !directReads ? null : openDirect(path, options);
    }

    private static long blockCount(Path path, FileChannel channel, int blockSize) throws IOException {
        return Files.isRegularFile(path) ? Long.MAX_VALUE / blockSize : channel.size() / blockSize;
    }

    private static @Nullable ReopeningChannel openDirect(Path path, Set<? extends OpenOption> options) {
        try {
            var withDirect = new HashSet<OpenOption>(options);
            withDirect.add(directOption());
            return new ReopeningChannel(path, withDirect);
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /** ExtendedOpenOption.DIRECT, by name: the compiler warns of its package without a way to say that it is known. */
    private static OpenOption directOption() {
        try {
            for (var option :
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
                if (option instanceof OpenOption direct && option.toString().equals("DIRECT")) {
                    return direct;
                }
            }
        } catch (ClassNotFoundException e) {
            // As where it has no such constant.
        }
        throw new UnsupportedOperationException("this Java has no direct I/O");
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blockCount() {
        return blockCount;
    }

    @Override
    public void read(long blockIndex, MemorySegment target) throws IOException {
        var request = BlockRequest.of(this, blockIndex, target);
        checkOpen();
        if (direct != null && isFitForDirectRead(request, target) && readDirect(direct, request, target)) {
            return;
        }
        try {
            readFully(request.offsetBytes(), target);
        } catch (IOException e) {
            throw failed("read from the block device failed", request, e);
        }
    }

    private boolean isFitForDirectRead(BlockRequest request, MemorySegment target) {
        return directReads
                && request.lengthBytes() >= SMALLEST_DIRECT_READ_BYTES
                && isAligned(request, target)
                && !directReadRefused;
    }

    /** False where the host would not, or the file ends: the caller then reads through the host's cache, whose verdict counts. */
    private boolean readDirect(ReopeningChannel channel, BlockRequest request, MemorySegment target) {
        try {
            var done = 0L;
            while (done < target.byteSize()) {
                var position = request.offsetBytes() + done;
                var piece = target.asSlice(done, Math.min(LARGEST_NATIVE_TRANSFER_BYTES, target.byteSize() - done));
                var count = channel.transfer(file -> file.read(piece.asByteBuffer(), position));
                if (count <= 0 || count % directAlignmentBytes != 0) {
                    return false;
                }
                done += count;
            }
            return true;
        } catch (IOException e) {
            directReadRefused = HostFailure.of("direct read failed", path, e).errno() != Errno.EIO;
            return false;
        }
    }

    private void readFully(long offsetBytes, MemorySegment target) throws IOException {
        var done = 0L;
        while (done < target.byteSize()) {
            var position = offsetBytes + done;
            var piece = target.asSlice(done, Math.min(largestTransfer(target), target.byteSize() - done));
            var count = buffered.transfer(channel -> channel.read(piece.asByteBuffer(), position));
            if (count < 0) {
                target.asSlice(done).fill((byte) 0);
                return;
            }
            done += count;
        }
    }

    @Override
    public void write(long blockIndex, MemorySegment source) throws IOException {
        var request = BlockRequest.of(this, blockIndex, source);
        checkWritable();
        if (direct != null && isFitForDirect(request, source) && writeDirect(direct, request, source)) {
            return;
        }
        try {
            writeFully(buffered, request.offsetBytes(), source);
        } catch (IOException e) {
            throw failed("write to the block device failed", request, e);
        }
    }

    private boolean isFitForDirect(BlockRequest request, MemorySegment source) {
        return request.lengthBytes() >= SMALLEST_DIRECT_WRITE_BYTES && isAligned(request, source) && !directRefused;
    }

    private boolean isAligned(BlockRequest request, MemorySegment memory) {
        return memory.isNative()
                && (request.offsetBytes() | request.lengthBytes() | memory.address()) % directAlignmentBytes == 0;
    }

    /** False where the host would not: the caller then writes again through the host's cache, whose verdict counts. */
    private boolean writeDirect(ReopeningChannel channel, BlockRequest request, MemorySegment source) {
        try {
            writeFully(channel, request.offsetBytes(), source);
            return true;
        } catch (IOException e) {
            directRefused = HostFailure.of("direct write failed", path, e).errno() != Errno.ENOSPC;
            return false;
        }
    }

    private static void writeFully(ReopeningChannel target, long offsetBytes, MemorySegment source) throws IOException {
        var done = 0L;
        while (done < source.byteSize()) {
            var position = offsetBytes + done;
            var piece = source.asSlice(done, Math.min(largestTransfer(source), source.byteSize() - done));
            done += target.transfer(channel -> channel.write(piece.asByteBuffer(), position));
        }
    }

    /** From the host's cache to the target without passing through this process, where the host can. */
    @Override
    public long transferTo(long offsetBytes, long lengthBytes, WritableByteChannel target) throws IOException {
        checkOpen();
        long inFile = Math.min(lengthBytes, flushing.size() - offsetBytes);
        return isRaw() || inFile <= 0
                ? BlockDevice.super.transferTo(offsetBytes, lengthBytes, target)
                : buffered.current().transferTo(offsetBytes, inFile, target);
    }

    private static long largestTransfer(MemorySegment buffer) {
        return buffer.isNative() ? LARGEST_NATIVE_TRANSFER_BYTES : LARGEST_HEAP_TRANSFER_BYTES;
    }

    @Override
    public void flush() throws IOException {
        checkOpen();
        if (readOnly) {
            return;
        }
        var earlier = flushFailure;
        if (earlier != null) {
            throw new VfsException(Errno.EIO, "an earlier flush of the block device failed", earlier)
                    .with("path", path);
        }
        try {
            forceUninterrupted();
        } catch (IOException e) {
            checkOpen();
            var failure = HostFailure.of("flush of the block device failed, written blocks may be lost", path, e);
            flushFailure = failure;
            throw failure;
        }
    }

    private void forceUninterrupted() throws IOException {
        var force = FLUSHING_THREADS.submit(() -> {
            flushing.force(false);
            return true;
        });
        var interrupted = false;
        try {
            while (!force.isDone()) {
                try {
                    force.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void discard(long blockIndex, long blockCount) throws IOException {
        var request = BlockRequest.of(this, blockIndex, blockCount);
        checkWritable();
        if (punchRefused || request.lengthBytes() == 0) {
            return;
        }
        try {
            hostSpace.punchHole(request.offsetBytes(), request.lengthBytes());
        } catch (VfsException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            punchRefused = true;
        }
    }

    @Override
    public void reserve(long blockIndex, long blockCount) throws IOException {
        var request = BlockRequest.of(this, blockIndex, blockCount);
        checkWritable();
        if (reserveRefused || request.lengthBytes() == 0) {
            return;
        }
        try {
            hostSpace.reserve(request.offsetBytes(), request.lengthBytes());
        } catch (VfsException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            reserveRefused = true;
        }
    }

    /** On a raw device all its bytes. */
    @Override
    public long allocatedBytes() throws IOException {
        checkOpen();
        return isRaw() ? blockCount * blockSize : hostSpace.allocatedBytes();
    }

    /** On a raw device all its bytes: there the host is never what runs out of space. */
    @Override
    public long usableBytes() throws IOException {
        checkOpen();
        return isRaw() ? blockCount * blockSize : hostSpace.usableBytes();
    }

    private boolean isRaw() {
        return blockCount != Long.MAX_VALUE / blockSize;
    }

    private void checkWritable() throws VfsException {
        checkOpen();
        if (readOnly) {
            throw new VfsException(Errno.EROFS, "block device is open for reading only").with("path", path);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("block device is closed: path=" + path);
        }
    }

    private IOException failed(String text, BlockRequest request, IOException failure) {
        checkOpen();
        return HostFailure.of(text, path, failure)
                .with("offset", request.offsetBytes())
                .with("length", request.lengthBytes());
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try (buffered;
                flushing) {
            if (direct != null) {
                direct.close();
            }
        }
    }

    @Override
    public String toString() {
        return "FileBlockDevice[" + path + "]";
    }
}
