package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;

import java.lang.foreign.MemorySegment;

/**
 * Being told of changes to a file system: fanotify(7). Results are those of the calls' manual pages, except that a failure is the
 * negated error number instead of -1.
 */
final class WatchCalls {
    private static final NativeCall FANOTIFY_INIT = NativeCall.ofWords("fanotify_init");
    private static final NativeCall FANOTIFY_MARK = NativeCall.withPointerFifth("fanotify_mark");
    private static final NativeCall OPEN_BY_HANDLE_AT = NativeCall.withPointerSecond("open_by_handle_at");
    private static final NativeCall POLL = NativeCall.withPointerFirst("poll");
    private static final NativeCall EVENTFD = NativeCall.ofWords("eventfd");

    private static final long FOR_EVER = -1;

    private WatchCalls() {}

    static int open(int flags) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) FANOTIFY_INIT.invoke(scratch, flags, 0, 0, 0));
    }

    /** Marks what the descriptor {@code directory} is open at. */
    static int mark(int watch, int flags, long mask, int directory) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) FANOTIFY_MARK.invoke(scratch, watch, flags, mask, directory, MemorySegment.NULL));
    }

    /** Opens what a struct file_handle stands for, on the mount of that directory. */
    static int openByHandle(int directory, MemorySegment handle, int flags) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) OPEN_BY_HANDLE_AT.invoke(scratch, directory, handle, flags, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    /** Waits for one of an array of struct pollfd. */
    static int poll(MemorySegment descriptors, int count) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) POLL.invoke(scratch, descriptors, count, FOR_EVER));
        } while (result == -EINTR);
        return result;
    }

    /** A counter that can be waited for by {@link #poll}. */
    static int counter(int flags) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) EVENTFD.invoke(scratch, 0, flags, 0, 0));
    }
}
