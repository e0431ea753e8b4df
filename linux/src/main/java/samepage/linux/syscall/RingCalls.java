package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;

/**
 * io_uring(7), for which the C library has no functions. Results are those of the calls' manual pages, except that a failure is the
 * negated error number instead of -1.
 */
final class RingCalls {
    // Their numbers are the same on every architecture.
    private static final long SETUP = 425;
    private static final long ENTER = 426;

    private static final NativeCall WITH_POINTER = NativeCall.withPointerThird("syscall");
    private static final NativeCall OF_WORDS = NativeCall.ofSevenWords("syscall");

    private RingCalls() {}

    /** A descriptor. */
    static int setUp(int entries, MemorySegment parameters) {
        var scratch = CallScratch.ofThread();
        return (int) scratch.resultOf(WITH_POINTER.invoke(scratch, SETUP, entries, parameters, 0, 0));
    }

    /** How many were submitted. */
    static int enter(int ring, int toSubmit, int leastCompleted, int flags) {
        var scratch = CallScratch.ofThread();
        return (int) scratch.resultOf(OF_WORDS.invoke(scratch, ENTER, ring, toSubmit, leastCompleted, flags, 0, 0));
    }
}
