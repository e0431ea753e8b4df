package samepage.linux.syscall;

import static samepage.linux.syscall.Libc.INT;
import static samepage.linux.syscall.Libc.LONG;
import static samepage.linux.syscall.Libc.POINTER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Extended attributes, of a descriptor and of a directory's entry (a symbolic link's own, too). Results are those of the calls'
 * manual pages, except that a failure is the negated error number instead of -1.
 */
final class XattrCalls {
    private static final MethodHandle FLISTXATTR = Libc.function("flistxattr", LONG, INT, POINTER, LONG);
    private static final MethodHandle FGETXATTR = Libc.function("fgetxattr", LONG, INT, POINTER, POINTER, LONG);
    private static final MethodHandle FSETXATTR = Libc.function("fsetxattr", INT, INT, POINTER, POINTER, LONG, INT);
    private static final MethodHandle FREMOVEXATTR = Libc.function("fremovexattr", INT, INT, POINTER);
    private static final MethodHandle LLISTXATTR = Libc.function("llistxattr", LONG, POINTER, POINTER, LONG);
    private static final MethodHandle LGETXATTR = Libc.function("lgetxattr", LONG, POINTER, POINTER, POINTER, LONG);
    private static final MethodHandle LSETXATTR = Libc.function("lsetxattr", INT, POINTER, POINTER, POINTER, LONG, INT);
    private static final MethodHandle LREMOVEXATTR = Libc.function("lremovexattr", INT, POINTER, POINTER);

    private XattrCalls() {}

    static long list(int descriptor, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        try {
            return scratch.resultOf((long) FLISTXATTR.invokeExact(scratch.callState, descriptor, target, lengthBytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long list(int directory, byte[] name, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        try {
            return scratch.resultOf((long) LLISTXATTR.invokeExact(scratch.callState, path, target, lengthBytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long get(int descriptor, byte[] attribute, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf(
                    (long) FGETXATTR.invokeExact(scratch.callState, descriptor, attributeName, target, lengthBytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static long get(int directory, byte[] name, byte[] attribute, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf(
                    (long) LGETXATTR.invokeExact(scratch.callState, path, attributeName, target, lengthBytes));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int set(int descriptor, byte[] attribute, MemorySegment value, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf(
                    (int) FSETXATTR.invokeExact(scratch.callState, descriptor, attributeName, value, lengthBytes, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int set(int directory, byte[] name, byte[] attribute, MemorySegment value, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf(
                    (int) LSETXATTR.invokeExact(scratch.callState, path, attributeName, value, lengthBytes, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int remove(int descriptor, byte[] attribute) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf((int) FREMOVEXATTR.invokeExact(scratch.callState, descriptor, attributeName));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    static int remove(int directory, byte[] name, byte[] attribute) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        try {
            return scratch.resultOf((int) LREMOVEXATTR.invokeExact(scratch.callState, path, attributeName));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
