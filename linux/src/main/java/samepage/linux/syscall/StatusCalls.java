package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;
import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.LONG;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * What a file's inode says, and setting it. Results are those of the calls' manual pages, except that a failure is the negated
 * error number instead of -1. To set is never to follow a symbolic link.
 */
final class StatusCalls {
    /** For {@link #status}: the descriptor itself, with an empty name. */
    static final int AT_EMPTY_PATH = 0x1000;

    /** For {@link #status}: a symbolic link itself. */
    static final int AT_SYMLINK_NOFOLLOW = 0x100;

    private static final long UTIME_OMIT = (1 << 30) - 2;

    private static final MethodHandle STATX = Libc.function("statx", INT, INT, POINTER, INT, INT, POINTER);
    private static final MethodHandle FSTATFS = Libc.function("fstatfs", INT, INT, POINTER);
    private static final MethodHandle FCHOWNAT = Libc.function("fchownat", INT, INT, POINTER, INT, INT, INT);
    private static final MethodHandle FCHOWN = Libc.function("fchown", INT, INT, INT, INT);
    private static final MethodHandle FCHMODAT = Libc.function("fchmodat", INT, INT, POINTER, INT, INT);
    private static final MethodHandle FCHMOD = Libc.function("fchmod", INT, INT, INT);
    private static final MethodHandle UTIMENSAT = Libc.function("utimensat", INT, INT, POINTER, POINTER, INT);
    private static final MethodHandle FUTIMENS = Libc.function("futimens", INT, INT, POINTER);

    private StatusCalls() {}

    static int status(int directory, byte[] name, int flags, int mask, MemorySegment target) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            int result;
            do {
                result = scratch.resultOf(
                        (int) STATX.invokeExact(scratch.callState, directory, path, flags, mask, target));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int fileSystem(int descriptor, MemorySegment target) {
        var scratch = CallScratch.ofThread();
        try {
            int result;
            do {
                result = scratch.resultOf((int) FSTATFS.invokeExact(scratch.callState, descriptor, target));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setOwner(int directory, byte[] name, int userId, int groupId) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            return scratch.resultOf((int)
                    FCHOWNAT.invokeExact(scratch.callState, directory, path, userId, groupId, AT_SYMLINK_NOFOLLOW));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setOwner(int descriptor, int userId, int groupId) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((int) FCHOWN.invokeExact(scratch.callState, descriptor, userId, groupId));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setMode(int directory, byte[] name, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            return scratch.resultOf(
                    (int) FCHMODAT.invokeExact(scratch.callState, directory, path, permissions, AT_SYMLINK_NOFOLLOW));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setMode(int descriptor, int permissions) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((int) FCHMOD.invokeExact(scratch.callState, descriptor, permissions));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Null leaves a time as it is. */
    static int setTimes(int directory, byte[] name, @Nullable HostTime accessed, @Nullable HostTime modified) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var times = putTimes(accessed, modified, scratch.record);
        try {
            return scratch.resultOf(
                    (int) UTIMENSAT.invokeExact(scratch.callState, directory, path, times, AT_SYMLINK_NOFOLLOW));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Null leaves a time as it is. */
    static int setTimes(int descriptor, @Nullable HostTime accessed, @Nullable HostTime modified) {
        var scratch = CallScratch.ofThread();
        var times = putTimes(accessed, modified, scratch.record);
        try {
            return scratch.resultOf((int) FUTIMENS.invokeExact(scratch.callState, descriptor, times));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static MemorySegment putTimes(
            @Nullable HostTime accessed, @Nullable HostTime modified, MemorySegment target) {
        putTime(accessed, target, 0);
        putTime(modified, target, 2 * Long.BYTES);
        return target;
    }

    private static void putTime(@Nullable HostTime time, MemorySegment target, long position) {
        target.set(LONG, position, time == null ? 0 : time.seconds());
        target.set(LONG, position + Long.BYTES, time == null ? UTIME_OMIT : time.nanoseconds());
    }
}
