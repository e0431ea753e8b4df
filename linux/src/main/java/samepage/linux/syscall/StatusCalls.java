package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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

    private static final NativeCall STATX = NativeCall.withPointersSecondFifth("statx");
    private static final NativeCall FSTATFS = NativeCall.withPointerSecond("fstatfs");
    private static final NativeCall FCHOWNAT = NativeCall.withPointerSecond("fchownat");
    private static final NativeCall FCHOWN = NativeCall.ofWords("fchown");
    private static final NativeCall FCHMODAT = NativeCall.withPointerSecond("fchmodat");
    private static final NativeCall FCHMOD = NativeCall.ofWords("fchmod");
    private static final NativeCall UTIMENSAT = NativeCall.withPointersSecondThird("utimensat");
    private static final NativeCall FUTIMENS = NativeCall.withPointerSecond("futimens");

    private StatusCalls() {}

    static int status(int directory, byte[] name, int flags, int mask, MemorySegment target) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        int result;
        do {
            result = scratch.resultOf((int) STATX.invoke(scratch, directory, path, flags, mask, target));
        } while (result == -EINTR);
        return result;
    }

    static int fileSystem(int descriptor, MemorySegment target) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FSTATFS.invoke(scratch, descriptor, target, 0, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int setOwner(int directory, byte[] name, int userId, int groupId) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        return scratch.resultOf((int) FCHOWNAT.invoke(scratch, directory, path, userId, groupId, AT_SYMLINK_NOFOLLOW));
    }

    static int setOwner(int descriptor, int userId, int groupId) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) FCHOWN.invoke(scratch, descriptor, userId, groupId, 0));
    }

    static int setMode(int directory, byte[] name, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        return scratch.resultOf((int) FCHMODAT.invoke(scratch, directory, path, permissions, AT_SYMLINK_NOFOLLOW, 0));
    }

    static int setMode(int descriptor, int permissions) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) FCHMOD.invoke(scratch, descriptor, permissions, 0, 0));
    }

    /** Null leaves a time as it is. */
    static int setTimes(int directory, byte[] name, @Nullable HostTime accessed, @Nullable HostTime modified) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var times = putTimes(accessed, modified, scratch.record);
        return scratch.resultOf((int) UTIMENSAT.invoke(scratch, directory, path, times, AT_SYMLINK_NOFOLLOW, 0));
    }

    /** Null leaves a time as it is. */
    static int setTimes(int descriptor, @Nullable HostTime accessed, @Nullable HostTime modified) {
        var scratch = CallScratch.ofThread();
        var times = putTimes(accessed, modified, scratch.record);
        return scratch.resultOf((int) FUTIMENS.invoke(scratch, descriptor, times, 0, 0, 0));
    }

    private static MemorySegment putTimes(
            @Nullable HostTime accessed, @Nullable HostTime modified, MemorySegment target) {
        putTime(accessed, target, 0);
        putTime(modified, target, 2 * Long.BYTES);
        return target;
    }

    private static void putTime(@Nullable HostTime time, MemorySegment target, long position) {
        target.set(ValueLayout.JAVA_LONG, position, time == null ? 0 : time.seconds());
        target.set(ValueLayout.JAVA_LONG, position + Long.BYTES, time == null ? UTIME_OMIT : time.nanoseconds());
    }
}
