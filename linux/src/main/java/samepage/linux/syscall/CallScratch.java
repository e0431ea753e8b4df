package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the arguments and results of one system call at a time, one per thread, so that a call allocates nothing. Its
 * content lasts until the thread's next call.
 */
final class CallScratch {
    /** The longest name or path there is room for: PATH_MAX without its NUL. */
    static final int LONGEST_PATH_BYTES = 4095;

    /** The size of {@link #record}: that of struct statx, the largest. */
    static final int RECORD_BYTES = 256;

    /** The size of {@link #bulk}: the longest extended attribute value and list of names that Linux knows. */
    static final int BULK_BYTES = 65536;

    private static final ThreadLocal<CallScratch> OF_THREAD = ThreadLocal.withInitial(CallScratch::new);
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final byte[] DESCRIPTORS = "/proc/self/fd/".getBytes(StandardCharsets.US_ASCII);
    private static final int PREFIX_BYTES = DESCRIPTORS.length + "-2147483648/".length();

    /** Where a call leaves errno: the first argument of every bound handle. */
    final MemorySegment callState;

    /** Room for one fixed structure: statx, statfs, a pair of timespec or of offsets. */
    final MemorySegment record;

    private final MemorySegment first;
    private final MemorySegment second;
    private final Arena arena = Arena.ofAuto();
    private @Nullable MemorySegment bulk;

    private CallScratch() {
        callState = arena.allocate(Linker.Option.captureStateLayout());
        record = arena.allocate(RECORD_BYTES, 8);
        first = arena.allocate(PREFIX_BYTES + LONGEST_PATH_BYTES + 1);
        second = arena.allocate(LONGEST_PATH_BYTES + 1);
    }

    static CallScratch ofThread() {
        return OF_THREAD.get();
    }

    /** The name or path as a C string. */
    MemorySegment string(byte[] name) {
        return put(name, first, 0);
    }

    /** Another name or path as a C string, for a call that takes two. */
    MemorySegment secondString(byte[] name) {
        return put(name, second, 0);
    }

    /**
     * The path {@code /proc/self/fd/DIRECTORY/NAME} as a C string: for calls that know paths only, it means what a directory
     * descriptor and a name mean to the others. The kernel goes straight to the directory the descriptor stands for.
     */
    MemorySegment stringBelow(int directory, byte[] name) {
        var position = putBytes(DESCRIPTORS, first, 0);
        position = putBytes(Integer.toString(directory).getBytes(StandardCharsets.US_ASCII), first, position);
        first.set(ValueLayout.JAVA_BYTE, position, (byte) '/');
        return put(name, first, position + 1);
    }

    /** Room for {@link #BULK_BYTES}. */
    MemorySegment bulk() {
        var room = bulk;
        if (room == null) {
            room = arena.allocate(BULK_BYTES, 8);
            bulk = room;
        }
        return room;
    }

    /** The result of a call as it is, or where it is -1 the negated error number. */
    int resultOf(int result) {
        return result == -1 ? -errno() : result;
    }

    /** The result of a call as it is, or where it is -1 the negated error number. */
    long resultOf(long result) {
        return result == -1 ? -errno() : result;
    }

    private int errno() {
        return (int) ERRNO.get(callState, 0L);
    }

    private static MemorySegment put(byte[] name, MemorySegment target, int position) {
        var end = putBytes(name, target, position);
        target.set(ValueLayout.JAVA_BYTE, end, (byte) 0);
        return target;
    }

    private static int putBytes(byte[] bytes, MemorySegment target, int position) {
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, position, bytes.length);
        return position + bytes.length;
    }
}
