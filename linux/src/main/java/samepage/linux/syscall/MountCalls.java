package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Mounting. Results are those of the calls' manual pages, except that a failure is the negated error number instead of -1. */
final class MountCalls {
    private static final NativeCall MOUNT = NativeCall.withPointersFirstToThirdFifth("mount");
    private static final NativeCall UMOUNT = NativeCall.withPointersFirstThird("umount2");

    private MountCalls() {}

    static int mount(byte[] source, byte[] target, byte[] type, long flags, byte[] data) {
        var scratch = CallScratch.ofThread();
        try (var arena = Arena.ofConfined()) {
            return scratch.resultOf((int) MOUNT.invoke(
                    scratch,
                    CStrings.of(arena, source),
                    CStrings.of(arena, target),
                    CStrings.of(arena, type),
                    flags,
                    CStrings.of(arena, data)));
        }
    }

    static int unmount(byte[] target, int flags) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) UMOUNT.invoke(scratch, scratch.string(target), flags, MemorySegment.NULL));
    }
}
