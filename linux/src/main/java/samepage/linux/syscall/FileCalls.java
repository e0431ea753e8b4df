package samepage.linux.syscall;

import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.LONG;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import samepage.errno.Errno;

/**
 * Opening, closing, reading and writing. Results are those of the calls' manual pages, except that a failure is the negated error
 * number instead of -1.
 */
final class FileCalls {
    /** Where lseek(2) looks: the end of the file, the next data, the next hole. */
    static final int SEEK_END = 2;

    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    /** What flock(2) does. */
    static final int LOCK_SHARED = 1;

    static final int LOCK_EXCLUSIVE = 2;
    static final int LOCK_NOT_BLOCKING = 4;
    static final int LOCK_RELEASE = 8;

    static final int EINTR = Errno.EINTR.number();

    private static final MethodHandle OPENAT = Libc.variadic("openat", 3, INT, INT, POINTER, INT, INT);
    private static final MethodHandle CLOSE = Libc.function("close", INT, INT);
    private static final MethodHandle READ = Libc.function("read", LONG, INT, POINTER, LONG);
    private static final MethodHandle WRITE = Libc.function("write", LONG, INT, POINTER, LONG);
    private static final MethodHandle PREAD = Libc.function("pread", LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle PWRITE = Libc.function("pwrite", LONG, INT, POINTER, LONG, LONG);
    private static final MethodHandle LSEEK = Libc.function("lseek", LONG, INT, LONG, INT);
    private static final MethodHandle IOCTL = Libc.variadic("ioctl", 2, INT, INT, LONG, POINTER);
    private static final MethodHandle FLOCK = Libc.function("flock", INT, INT, INT);

    private FileCalls() {}

    static int open(int directory, byte[] name, int flags, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            int result;
            do {
                result = scratch.resultOf(
                        (int) OPENAT.invokeExact(scratch.callState, directory, path, flags, permissions));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Closes, once: Linux has given the number free even where it reports EINTR. */
    static int close(int descriptor) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((int) CLOSE.invokeExact(scratch.callState, descriptor));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long read(int descriptor, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf((long) READ.invokeExact(scratch.callState, descriptor, target, lengthBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long write(int descriptor, MemorySegment source, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf((long) WRITE.invokeExact(scratch.callState, descriptor, source, lengthBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long readAt(int descriptor, MemorySegment target, long lengthBytes, long offsetBytes) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf(
                        (long) PREAD.invokeExact(scratch.callState, descriptor, target, lengthBytes, offsetBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long writeAt(int descriptor, MemorySegment source, long lengthBytes, long offsetBytes) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf(
                        (long) PWRITE.invokeExact(scratch.callState, descriptor, source, lengthBytes, offsetBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long seek(int descriptor, long offsetBytes, int whence) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf((long) LSEEK.invokeExact(scratch.callState, descriptor, offsetBytes, whence));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int control(int descriptor, long request, MemorySegment argument) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) IOCTL.invokeExact(scratch.callState, descriptor, request, argument));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int lock(int descriptor, int operation) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) FLOCK.invokeExact(scratch.callState, descriptor, operation));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
