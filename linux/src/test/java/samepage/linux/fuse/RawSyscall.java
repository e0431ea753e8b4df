package samepage.linux.fuse;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * The system calls of x86_64 by their numbers, for tests: those of the C library change the user of all threads at once, and
 * here one thread is to be somebody else.
 */
final class RawSyscall {
    static final int CLOSE = 3;
    static final int IOCTL = 16;
    static final int PREAD = 17;
    static final int PWRITE = 18;
    static final int FSYNC = 74;
    static final int TRUNCATE = 76;
    static final int FTRUNCATE = 77;
    static final int CHDIR = 80;
    static final int FCHDIR = 81;
    static final int UMASK = 95;
    static final int SETGROUPS = 116;
    static final int SETRESUID = 117;
    static final int SETRESGID = 119;
    static final int CHROOT = 161;
    static final int LSETXATTR = 189;
    static final int LGETXATTR = 192;
    static final int LLISTXATTR = 195;
    static final int LREMOVEXATTR = 198;
    static final int GETDENTS64 = 217;
    static final int OPENAT = 257;
    static final int MKDIRAT = 258;
    static final int MKNODAT = 259;
    static final int FCHOWNAT = 260;
    static final int UNLINKAT = 263;
    static final int LINKAT = 265;
    static final int SYMLINKAT = 266;
    static final int READLINKAT = 267;
    static final int FCHMODAT = 268;
    static final int UNSHARE = 272;
    static final int UTIMENSAT = 280;
    static final int FALLOCATE = 285;
    static final int SETNS = 308;
    static final int RENAMEAT2 = 316;
    static final int STATX = 332;
    static final int FACCESSAT2 = 439;

    static final int WORKING_DIRECTORY = -100;

    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = bind();

    private RawSyscall() {}

    @SuppressWarnings("restricted")
    private static MethodHandle bind() {
        var word = ValueLayout.JAVA_LONG;
        var linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word, word),
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
    }

    /** The result; a failure is refused with its number. */
    static long call(int number, long... arguments) throws VfsException {
        long[] six = Arrays.copyOf(arguments, 6);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            long result =
                    (long) SYSCALL.invokeExact(state, (long) number, six[0], six[1], six[2], six[3], six[4], six[5]);
            if (result == -1) {
                throw new VfsException(Errno.of((int) ERRNO.get(state, 0L))).with("syscall", number);
            }
            return result;
        } catch (VfsException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** The address of a path or name as a C string. */
    static long string(Arena arena, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment string = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, string, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return string.address();
    }
}
