package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory of this process. */
final class MemoryCalls {
    private static final NativeCall POSIX_MEMALIGN = NativeCall.withPointerFirst("posix_memalign");
    private static final NativeCall FREE = NativeCall.withPointerFirst("free");
    private static final NativeCall MADVISE = NativeCall.withPointerFirst("madvise");

    private static final NativeCall MMAP = NativeCall.ofSevenWords("mmap");
    private static final NativeCall MUNMAP = NativeCall.withPointerFirst("munmap");
    private static final int READ_WRITE = 3;
    private static final int SHARED = 1;

    private MemoryCalls() {}

    /** The address of what a descriptor has from that offset on, for reading and writing; or the negated error number. */
    static long map(int descriptor, long offset, long bytes) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf(MMAP.invoke(scratch, 0, bytes, READ_WRITE, SHARED, descriptor, offset, 0));
    }

    static void unmap(MemorySegment memory) {
        var _ = MUNMAP.invoke(CallScratch.ofThread(), memory, memory.byteSize(), 0);
    }

    /** Of no size until it is reinterpreted; {@link MemorySegment#NULL} where there is none left. */
    static MemorySegment allocate(long alignment, long bytes) {
        var scratch = CallScratch.ofThread();
        MemorySegment pointer = scratch.record.asSlice(0, ValueLayout.ADDRESS);
        int errno = (int) POSIX_MEMALIGN.invoke(scratch, pointer, alignment, bytes);
        return errno == 0 ? pointer.get(ValueLayout.ADDRESS, 0) : MemorySegment.NULL;
    }

    static void free(MemorySegment memory) {
        var _ = FREE.invoke(CallScratch.ofThread(), memory, 0, 0);
    }

    /** 0, or the negated error number. */
    static int advise(MemorySegment memory, int advice) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) MADVISE.invoke(scratch, memory, memory.byteSize(), advice));
    }
}
