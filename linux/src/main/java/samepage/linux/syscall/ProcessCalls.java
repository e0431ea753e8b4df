package samepage.linux.syscall;

import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Who this process is. Results are those of the calls' manual pages, except that a failure is the negated error number instead of
 * -1; user and group numbers are unsigned and never a failure.
 */
final class ProcessCalls {
    private static final MethodHandle GETUID = Libc.function("getuid", INT);
    private static final MethodHandle GETEUID = Libc.function("geteuid", INT);
    private static final MethodHandle GETGID = Libc.function("getgid", INT);
    private static final MethodHandle GETEGID = Libc.function("getegid", INT);
    private static final MethodHandle GETGROUPS = Libc.function("getgroups", INT, INT, POINTER);
    private static final MethodHandle UMASK = Libc.function("umask", INT, INT);
    private static final MethodHandle ISATTY = Libc.function("isatty", INT, INT);

    private ProcessCalls() {}

    static int userId() {
        var scratch = CallScratch.ofThread();
        try {
            return (int) GETUID.invokeExact(scratch.callState);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int effectiveUserId() {
        var scratch = CallScratch.ofThread();
        try {
            return (int) GETEUID.invokeExact(scratch.callState);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int groupId() {
        var scratch = CallScratch.ofThread();
        try {
            return (int) GETGID.invokeExact(scratch.callState);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int effectiveGroupId() {
        var scratch = CallScratch.ofThread();
        try {
            return (int) GETEGID.invokeExact(scratch.callState);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int groups(MemorySegment target, int capacity) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((int) GETGROUPS.invokeExact(scratch.callState, capacity, target));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int setUmask(int mask) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((int) UMASK.invokeExact(scratch.callState, mask));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** 1 for a terminal, 0 otherwise. */
    static int isTerminal(int descriptor) {
        var scratch = CallScratch.ofThread();
        try {
            return (int) ISATTY.invokeExact(scratch.callState, descriptor);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
