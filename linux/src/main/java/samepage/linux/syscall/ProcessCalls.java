package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;

/**
 * Who this process is. Results are those of the calls' manual pages, except that a failure is the negated error number instead of
 * -1; user and group numbers are unsigned and never a failure.
 */
final class ProcessCalls {
    private static final NativeCall GETUID = NativeCall.ofWords("getuid");
    private static final NativeCall GETEUID = NativeCall.ofWords("geteuid");
    private static final NativeCall GETGID = NativeCall.ofWords("getgid");
    private static final NativeCall GETEGID = NativeCall.ofWords("getegid");
    private static final NativeCall GETGROUPS = NativeCall.withPointerSecond("getgroups");
    private static final NativeCall UMASK = NativeCall.ofWords("umask");
    private static final NativeCall ISATTY = NativeCall.ofWords("isatty");

    private static final NativeCall SYSCALL = NativeCall.ofWords("syscall");
    private static final long IOPRIO_SET = NativeCall.AARCH64 ? 30 : 251;

    private static final NativeCall SCHED_GETAFFINITY = NativeCall.withPointerThird("sched_getaffinity");
    private static final NativeCall SCHED_SETAFFINITY = NativeCall.withPointerThird("sched_setaffinity");

    private ProcessCalls() {}

    /** sched_getaffinity(2) of the calling thread: a bit for each processor. */
    static int affinity(MemorySegment target) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) SCHED_GETAFFINITY.invoke(scratch, 0, target.byteSize(), target, 0, 0));
    }

    static int setAffinity(MemorySegment mask) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) SCHED_SETAFFINITY.invoke(scratch, 0, mask.byteSize(), mask, 0, 0));
    }

    /** ioprio_set(2) for the calling thread; threads that it starts afterwards have the same. */
    static int setIoPriority(int priority) {
        var scratch = CallScratch.ofThread();
        return (int) scratch.resultOf(SYSCALL.invoke(scratch, IOPRIO_SET, 1, 0, priority));
    }

    static int userId() {
        var scratch = CallScratch.ofThread();
        return (int) GETUID.invoke(scratch, 0, 0, 0, 0);
    }

    static int effectiveUserId() {
        var scratch = CallScratch.ofThread();
        return (int) GETEUID.invoke(scratch, 0, 0, 0, 0);
    }

    static int groupId() {
        var scratch = CallScratch.ofThread();
        return (int) GETGID.invoke(scratch, 0, 0, 0, 0);
    }

    static int effectiveGroupId() {
        var scratch = CallScratch.ofThread();
        return (int) GETEGID.invoke(scratch, 0, 0, 0, 0);
    }

    static int groups(MemorySegment target, int capacity) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) GETGROUPS.invoke(scratch, capacity, target, 0, 0, 0));
    }

    static int setUmask(int mask) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) UMASK.invoke(scratch, mask, 0, 0, 0));
    }

    /** 1 for a terminal, 0 otherwise. */
    static int isTerminal(int descriptor) {
        var scratch = CallScratch.ofThread();
        return (int) ISATTY.invoke(scratch, descriptor, 0, 0, 0);
    }
}
