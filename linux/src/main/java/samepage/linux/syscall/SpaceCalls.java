package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;
import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.LONG;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.invoke.MethodHandle;

/**
 * The size and storage of a file, and making it durable. Results are those of the calls' manual pages, except that a failure is the
 * negated error number instead of -1.
 */
final class SpaceCalls {
    private static final MethodHandle FTRUNCATE = Libc.function("ftruncate", INT, INT, LONG);
    private static final MethodHandle FALLOCATE = Libc.function("fallocate", INT, INT, INT, LONG, LONG);
    private static final MethodHandle FSYNC = Libc.function("fsync", INT, INT);
    private static final MethodHandle FDATASYNC = Libc.function("fdatasync", INT, INT);
    private static final MethodHandle SYNCFS = Libc.function("syncfs", INT, INT);
    private static final MethodHandle POSIX_FADVISE = Libc.function("posix_fadvise", INT, INT, LONG, LONG, INT);
    private static final MethodHandle COPY_FILE_RANGE =
            Libc.function("copy_file_range", LONG, INT, POINTER, INT, POINTER, LONG, INT);

    private SpaceCalls() {}

    static int truncate(int descriptor, long sizeBytes) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) FTRUNCATE.invokeExact(scratch.callState, descriptor, sizeBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int allocate(int descriptor, int mode, long offsetBytes, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf(
                        (int) FALLOCATE.invokeExact(scratch.callState, descriptor, mode, offsetBytes, lengthBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int sync(int descriptor) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) FSYNC.invokeExact(scratch.callState, descriptor));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int dataSync(int descriptor) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) FDATASYNC.invokeExact(scratch.callState, descriptor));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int syncFileSystem(int descriptor) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) SYNCFS.invokeExact(scratch.callState, descriptor));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int advise(int descriptor, long offsetBytes, long lengthBytes, int advice) {
        var scratch = CallScratch.ofThread();
        try {
            // The only call here that returns its error number.
            return -(int) POSIX_FADVISE.invokeExact(scratch.callState, descriptor, offsetBytes, lengthBytes, advice);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long copy(int source, long sourceOffsetBytes, int target, long targetOffsetBytes, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var sourceOffset = scratch.record.asSlice(0, Long.BYTES);
        var targetOffset = scratch.record.asSlice(Long.BYTES, Long.BYTES);
        try {
            long result;
            do {
                sourceOffset.set(LONG, 0, sourceOffsetBytes);
                targetOffset.set(LONG, 0, targetOffsetBytes);
                result = scratch.resultOf((long) COPY_FILE_RANGE.invokeExact(
                        scratch.callState, source, sourceOffset, target, targetOffset, lengthBytes, 0));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
