package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import samepage.errno.Errno;

/**
 * Opening, closing, reading and writing. Results are those of the calls' manual pages, except that a failure is the negated error
 * number instead of -1.
 */
final class FileCalls {
    /** From where lseek(2) counts: the file's beginning, the present position, the end; or looks for data or a hole. */
    static final int SEEK_SET = 0;

    static final int SEEK_CUR = 1;
    static final int SEEK_END = 2;
    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    /** What flock(2) does. */
    static final int LOCK_SHARED = 1;

    static final int LOCK_EXCLUSIVE = 2;
    static final int LOCK_NOT_BLOCKING = 4;
    static final int LOCK_RELEASE = 8;

    static final int EINTR = Errno.EINTR.number();

    private static final NativeCall OPENAT = NativeCall.withPointerSecond("openat");
    private static final NativeCall CLOSE = NativeCall.ofWords("close");
    private static final NativeCall DUP2 = NativeCall.ofWords("dup2");
    private static final NativeCall READ = NativeCall.withPointerSecond("read");
    private static final NativeCall WRITE = NativeCall.withPointerSecond("write");
    private static final NativeCall PREAD = NativeCall.withPointerSecond("pread");
    private static final NativeCall PWRITE = NativeCall.withPointerSecond("pwrite");
    private static final NativeCall LSEEK = NativeCall.ofWords("lseek");
    private static final NativeCall IOCTL = NativeCall.withPointerThird("ioctl");
    private static final NativeCall FLOCK = NativeCall.ofWords("flock");

    private static final NativeCall SYSCALL = NativeCall.withPointerThird("syscall");

    /** openat2(2), which no C library wraps, and its struct open_how: flags, mode, resolve, a word each. */
    private static final long OPENAT2 = 437;

    private static final long OPEN_HOW_BYTES = 3 * Long.BYTES;
    private static final long RESOLVE_NO_MAGICLINKS = 0x02;
    private static final long RESOLVE_NO_SYMLINKS = 0x04;
    private static final long RESOLVE_BENEATH = 0x08;

    private FileCalls() {}

    /** Opens a path below a directory that has no symbolic link in it. */
    static int openBelow(int directory, byte[] path, int flags) {
        var scratch = CallScratch.ofThread();
        var string = scratch.string(path);
        var how = scratch.record;
        how.set(ValueLayout.JAVA_LONG, 0, flags);
        how.set(ValueLayout.JAVA_LONG, Long.BYTES, 0);
        how.set(ValueLayout.JAVA_LONG, 2L * Long.BYTES, RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH);
        int result;
        do {
            // The record lives as long as the thread does, so its bare address is good for the call.
            result = (int) scratch.resultOf(
                    SYSCALL.invoke(scratch, OPENAT2, directory, string, how.address(), OPEN_HOW_BYTES));
        } while (result == -EINTR || result == -Errno.EAGAIN.number());
        return result;
    }

    static int open(int directory, byte[] name, int flags, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        int result;
        do {
            result = scratch.resultOf((int) OPENAT.invoke(scratch, directory, path, flags, permissions, 0));
        } while (result == -EINTR);
        return result;
    }

    /** Closes, once: Linux has given the number free even where it reports EINTR. */
    static int close(int descriptor) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) CLOSE.invoke(scratch, descriptor, 0, 0, 0));
    }

    static int duplicate(int descriptor, int as) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) DUP2.invoke(scratch, descriptor, as, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static long read(int descriptor, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(READ.invoke(scratch, descriptor, target, lengthBytes, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static long write(int descriptor, MemorySegment source, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(WRITE.invoke(scratch, descriptor, source, lengthBytes, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static long readAt(int descriptor, MemorySegment target, long lengthBytes, long offsetBytes) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(PREAD.invoke(scratch, descriptor, target, lengthBytes, offsetBytes, 0));
        } while (result == -EINTR);
        return result;
    }

    static long writeAt(int descriptor, MemorySegment source, long lengthBytes, long offsetBytes) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(PWRITE.invoke(scratch, descriptor, source, lengthBytes, offsetBytes, 0));
        } while (result == -EINTR);
        return result;
    }

    static long seek(int descriptor, long offsetBytes, int whence) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(LSEEK.invoke(scratch, descriptor, offsetBytes, whence, 0));
        } while (result == -EINTR);
        return result;
    }

    static int control(int descriptor, long request, MemorySegment argument) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) IOCTL.invoke(scratch, descriptor, request, argument, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int lock(int descriptor, int operation) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FLOCK.invoke(scratch, descriptor, operation, 0, 0));
        } while (result == -EINTR);
        return result;
    }
}
