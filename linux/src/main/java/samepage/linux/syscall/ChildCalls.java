package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;

import java.lang.foreign.MemorySegment;

/**
 * Starting programs that inherit descriptors, and receiving descriptors from them. Results are those of the calls' manual pages,
 * except that a failure is the negated error number instead of -1.
 */
final class ChildCalls {
    private static final NativeCall SOCKETPAIR = NativeCall.withPointerFourth("socketpair");
    private static final NativeCall POSIX_SPAWN = NativeCall.ofSixPointers("posix_spawn");
    private static final NativeCall WAITPID = NativeCall.withPointerSecond("waitpid");
    private static final NativeCall RECVMSG = NativeCall.withPointerSecond("recvmsg");
    private static final NativeCall FCNTL = NativeCall.ofWords("fcntl");
    private static final NativeCall SETSID = NativeCall.ofWords("setsid");

    private ChildCalls() {}

    static int socketPair(int domain, int type, MemorySegment pair) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) SOCKETPAIR.invoke(scratch, domain, type, 0, pair));
    }

    /** Starts a program with this process's environment as {@code environment} has it, and every descriptor not closed on exec. */
    static int spawn(MemorySegment pid, MemorySegment path, MemorySegment arguments, MemorySegment environment) {
        var scratch = CallScratch.ofThread();
        // Returns its error number.
        return -(int)
                POSIX_SPAWN.invoke(scratch, pid, path, MemorySegment.NULL, MemorySegment.NULL, arguments, environment);
    }

    static int await(int pid, MemorySegment status) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) WAITPID.invoke(scratch, pid, status, 0, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static long receive(int socket, MemorySegment message, int flags) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(RECVMSG.invoke(scratch, socket, message, flags, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int control(int descriptor, int command, int argument) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) FCNTL.invoke(scratch, descriptor, command, argument, 0));
    }

    static int newSession() {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) SETSID.invoke(scratch, 0, 0, 0, 0));
    }
}
