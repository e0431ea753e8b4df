package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;
import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.LONG;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Making, joining and removing the entries of directories, and listing them. Results are those of the calls' manual pages, except
 * that a failure is the negated error number instead of -1.
 */
final class TreeCalls {
    /** For {@link #unlink}: remove an empty directory. */
    static final int AT_REMOVEDIR = 0x200;

    // The C library has these two only since glibc 2.30 and 2.33.
    private static final long GETDENTS64 = Libc.AARCH64 ? 61 : 217;
    private static final long MKNODAT = Libc.AARCH64 ? 33 : 259;

    private static final MethodHandle SYSCALL_3 = Libc.variadic("syscall", 1, LONG, LONG, LONG, POINTER, LONG);
    private static final MethodHandle SYSCALL_4 = Libc.variadic("syscall", 1, LONG, LONG, LONG, POINTER, LONG, LONG);
    private static final MethodHandle READLINKAT = Libc.function("readlinkat", LONG, INT, POINTER, POINTER, LONG);
    private static final MethodHandle MKDIRAT = Libc.function("mkdirat", INT, INT, POINTER, INT);
    private static final MethodHandle SYMLINKAT = Libc.function("symlinkat", INT, POINTER, INT, POINTER);
    private static final MethodHandle LINKAT = Libc.function("linkat", INT, INT, POINTER, INT, POINTER, INT);
    private static final MethodHandle UNLINKAT = Libc.function("unlinkat", INT, INT, POINTER, INT);
    private static final MethodHandle RENAMEAT2 = Libc.function("renameat2", INT, INT, POINTER, INT, POINTER, INT);

    private TreeCalls() {}

    /** getdents64(2). */
    static long list(int directory, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        try {
            long result;
            do {
                result = scratch.resultOf((long)
                        SYSCALL_3.invokeExact(scratch.callState, GETDENTS64, (long) directory, target, lengthBytes));
            } while (result == -EINTR);
            return result;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int makeNode(int directory, byte[] name, int mode, int major, int minor) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var device = (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & 0xfff00L) << 12;
        try {
            return (int) scratch.resultOf((long)
                    SYSCALL_4.invokeExact(scratch.callState, MKNODAT, (long) directory, path, (long) mode, device));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long readLink(int directory, byte[] name, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            return scratch.resultOf(
                    (long) READLINKAT.invokeExact(scratch.callState, directory, path, target, lengthBytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int makeDirectory(int directory, byte[] name, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            return scratch.resultOf((int) MKDIRAT.invokeExact(scratch.callState, directory, path, permissions));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int makeLink(byte[] target, int directory, byte[] name) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var targetPath = scratch.secondString(target);
        try {
            return scratch.resultOf((int) SYMLINKAT.invokeExact(scratch.callState, targetPath, directory, path));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Hard link; a symbolic link is linked itself. */
    static int link(int directory, byte[] name, int newDirectory, byte[] newName) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var newPath = scratch.secondString(newName);
        try {
            return scratch.resultOf(
                    (int) LINKAT.invokeExact(scratch.callState, directory, path, newDirectory, newPath, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int unlink(int directory, byte[] name, int flags) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        try {
            return scratch.resultOf((int) UNLINKAT.invokeExact(scratch.callState, directory, path, flags));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int rename(int directory, byte[] name, int newDirectory, byte[] newName, int flags) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var newPath = scratch.secondString(newName);
        try {
            return scratch.resultOf(
                    (int) RENAMEAT2.invokeExact(scratch.callState, directory, path, newDirectory, newPath, flags));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
