package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Mounting. Results are those of the calls' manual pages, except that a failure is the negated error number instead of -1. */
final class MountCalls {
    private static final NativeCall MOUNT = NativeCall.withPointersFirstToThirdFifth("mount");
    private static final NativeCall UMOUNT = NativeCall.withPointersFirstThird("umount2");

    // The C library has these only since glibc 2.36. Their numbers are the same on every architecture.
    private static final long FSOPEN = 430;
    private static final long FSCONFIG = 431;
    private static final long FSMOUNT = 432;

    private static final long FSCONFIG_SET_STRING = 1;
    private static final long FSCONFIG_CMD_CREATE = 6;
    private static final long CLOSE_ON_EXEC = 1;

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

    /** Begins a mount of that type; returns a descriptor to tell it more by. */
    static int begin(byte[] type) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf(
                (int) Detached.WITH_NAME.invoke(scratch, FSOPEN, scratch.string(type), CLOSE_ON_EXEC, 0, 0));
    }

    static int set(int mount, byte[] key, byte[] value) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) Detached.WITH_KEY.invoke(
                scratch, FSCONFIG, mount, FSCONFIG_SET_STRING, scratch.string(key), scratch.secondString(value), 0));
    }

    static int create(int mount) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) Detached.WITH_KEY.invoke(
                scratch, FSCONFIG, mount, FSCONFIG_CMD_CREATE, MemorySegment.NULL, MemorySegment.NULL, 0));
    }

    /** The root of what was created, as a descriptor; it appears at no path, and is gone when that is closed. */
    static int detached(int mount) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf((int) Detached.PLAIN.invoke(scratch, FSMOUNT, mount, CLOSE_ON_EXEC, 0));
    }

    /** Linked only where they are needed, which is seldom. */
    private static final class Detached {
        static final NativeCall WITH_NAME = NativeCall.withPointerSecond("syscall");
        static final NativeCall WITH_KEY = NativeCall.withPointersFourthFifth("syscall");
        static final NativeCall PLAIN = NativeCall.ofWords("syscall");
    }
}
