package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;

import java.lang.foreign.MemorySegment;

/**
 * Making, joining and removing the entries of directories, and listing them. Results are those of the calls' manual pages, except
 * that a failure is the negated error number instead of -1.
 */
final class TreeCalls {
    /** For {@link #unlink}: remove an empty directory. */
    static final int AT_REMOVEDIR = 0x200;

    // The C library has these two only since glibc 2.30 and 2.33.
    private static final long GETDENTS64 = NativeCall.AARCH64 ? 61 : 217;
    private static final long MKNODAT = NativeCall.AARCH64 ? 33 : 259;

    private static final NativeCall SYSCALL = NativeCall.withPointerThird("syscall");
    private static final NativeCall READLINKAT = NativeCall.withPointersSecondThird("readlinkat");
    private static final NativeCall MKDIRAT = NativeCall.withPointerSecond("mkdirat");
    private static final NativeCall SYMLINKAT = NativeCall.withPointersFirstThird("symlinkat");
    private static final NativeCall LINKAT = NativeCall.withPointersSecondFourth("linkat");
    private static final NativeCall UNLINKAT = NativeCall.withPointerSecond("unlinkat");
    private static final NativeCall RENAMEAT2 = NativeCall.withPointersSecondFourth("renameat2");

    private TreeCalls() {}

    /** getdents64(2). */
    static long list(int directory, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        long result;
        do {
            result = scratch.resultOf(SYSCALL.invoke(scratch, GETDENTS64, directory, target, lengthBytes, 0));
        } while (result == -EINTR);
        return result;
    }

    static int makeNode(int directory, byte[] name, int mode, int major, int minor) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var device = (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & 0xfff00L) << 12;
        return (int) scratch.resultOf(SYSCALL.invoke(scratch, MKNODAT, directory, path, mode, device));
    }

    static long readLink(int directory, byte[] name, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        return scratch.resultOf(READLINKAT.invoke(scratch, directory, path, target, lengthBytes, 0));
    }

    static int makeDirectory(int directory, byte[] name, int permissions) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        return scratch.resultOf((int) MKDIRAT.invoke(scratch, directory, path, permissions, 0, 0));
    }

    static int makeLink(byte[] target, int directory, byte[] name) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var targetPath = scratch.secondString(target);
        return scratch.resultOf((int) SYMLINKAT.invoke(scratch, targetPath, directory, path));
    }

    /** Hard link; a symbolic link is linked itself. */
    static int link(int directory, byte[] name, int newDirectory, byte[] newName) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var newPath = scratch.secondString(newName);
        return scratch.resultOf((int) LINKAT.invoke(scratch, directory, path, newDirectory, newPath, 0, 0));
    }

    static int unlink(int directory, byte[] name, int flags) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        return scratch.resultOf((int) UNLINKAT.invoke(scratch, directory, path, flags, 0, 0));
    }

    static int rename(int directory, byte[] name, int newDirectory, byte[] newName, int flags) {
        var scratch = CallScratch.ofThread();
        var path = scratch.string(name);
        var newPath = scratch.secondString(newName);
        return scratch.resultOf((int) RENAMEAT2.invoke(scratch, directory, path, newDirectory, newPath, flags, 0));
    }
}
