package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.FallocateMode;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.Vfs;
import samepage.volume.InodeRecord;

/** What is done with ranges of files apart from reading and writing them: space, holes, copies. */
final class RangeOperations {
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final long COPY_PIECE_BYTES = 4L << 20;
    private static final long LONGEST_IN_32_BITS = 1L << 31;

    private final Served served;
    private final Vfs vfs;
    private final OpenFiles files;
    private final Privileges privileges;

    RangeOperations(Served served) {
        this.served = served;
        this.vfs = served.vfs();
        this.files = served.files();
        this.privileges = new Privileges(served);
    }

    /** Handle u64, offset u64, length u64, mode of fallocate(2) u32, padding. */
    void allocate(Request request) throws IOException {
        OpenFile file = files.get(request.nextLong()).file();
        long offset = request.nextLong();
        long length = request.nextLong();
        int mode = request.nextInt();
        boolean keepSize = (mode & FallocateMode.KEEP_SIZE) != 0;
        switch (mode & ~FallocateMode.KEEP_SIZE) {
            case 0 -> file.allocate(offset, length, keepSize);
            case FallocateMode.PUNCH_HOLE -> file.punchHole(offset, length);
            case FallocateMode.ZERO_RANGE -> file.zeroRange(offset, length, keepSize);
            case FallocateMode.COLLAPSE_RANGE -> file.collapseRange(offset, length);
            case FallocateMode.INSERT_RANGE -> file.insertRange(offset, length);
            default -> throw new VfsException(Errno.EOPNOTSUPP, "no such mode").with("mode", mode);
        }
        privileges.drop(request, file.attributes(), !request.isByRoot());
    }

    /**
     * Handle u64, offset u64, whence u32, padding. Answer: offset u64. What programs have stored through a memory map is data
     * already: whoever copies the file by its holes must not miss it.
     *
     * @return whether the answer is there; else it will be given later
     */
    boolean seek(Request request, Reply reply, SlowAnswers slowly) throws IOException {
        OpenFile file = files.get(request.nextLong()).file();
        long offset = request.nextLong();
        int whence = request.nextInt();
        if (!files.isOpenForWriting(file.ino())) {
            reply.put(seek(file, offset, whence));
            return true;
        }
        return slowly.answer(Long.BYTES, answer -> {
            served.kernelCache().flushPages(file.ino(), 0, 0);
            answer.put(seek(file, offset, whence));
        });
    }

    private static long seek(OpenFile file, long offset, int whence) throws IOException {
        return switch (whence) {
            case SEEK_DATA -> file.seekData(offset);
            case SEEK_HOLE -> file.seekHole(offset);
            default -> throw new VfsException(Errno.EINVAL, "no such whence").with("whence", whence);
        };
    }

    /**
     * Clones what can be cloned, and copies the rest.
     *
     * <pre>
     *   0 handle u64   8 offset u64
     *  16 target inode u64   24 its handle u64   32 its offset u64
     *  40 length u64   48 flags u64
     * </pre>
     *
     * @return the bytes copied, fewer than asked for where more cannot be done the same way: the caller asks again
     */
    private long copy(Request request, long limit) throws IOException {
        OpenFile source = files.get(request.nextLong()).file();
        long sourceOffset = request.nextLong();
        request.skip(8);
        OpenFile target = files.get(request.nextLong()).file();
        long targetOffset = request.nextLong();
        long wanted = Math.min(request.nextLong(), limit);
        InodeRecord from = source.attributes();
        InodeRecord to = target.attributes();
        long length = Math.min(wanted, from.sizeBytes() - sourceOffset);
        if (length <= 0) {
            return 0;
        }
        privileges.drop(request, to, !request.isByRoot());
        long toClone = cloneable(from, sourceOffset, to, targetOffset, length);
        return toClone > 0
                ? vfs.cloneRange(Caller.ROOT, from.ino(), sourceOffset, to.ino(), targetOffset, toClone)
                : copyBytes(source, sourceOffset, target, targetOffset, Math.min(length, COPY_PIECE_BYTES));
    }

    /** How much from the beginning of the range can share its storage: whole blocks, and a tail where both files end. */
    private long cloneable(InodeRecord from, long sourceOffset, InodeRecord to, long targetOffset, long length) {
        int blockSize = vfs.volume().blockSize();
        boolean wholeFileBehindItself = from.ino() == to.ino() && length == from.sizeBytes();
        if (sourceOffset % blockSize != 0 || targetOffset % blockSize != 0 || wholeFileBehindItself) {
            return 0;
        }
        boolean bothEnd = sourceOffset + length == from.sizeBytes() && targetOffset + length >= to.sizeBytes();
        return bothEnd ? length : length - length % blockSize;
    }

    private static long copyBytes(OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long length)
            throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(length);
            int read = source.read(sourceOffset, buffer);
            return target.write(targetOffset, buffer.asSlice(0, read));
        }
    }

    /** Answer: bytes u32, padding. */
    void copyUpTo32Bits(Request request, Reply reply) throws IOException {
        reply.put((int) copy(request, LONGEST_IN_32_BITS)).put(0);
    }

    /** Answer: bytes u64. */
    void copyUpTo64Bits(Request request, Reply reply) throws IOException {
        reply.put(copy(request, Long.MAX_VALUE));
    }
}
