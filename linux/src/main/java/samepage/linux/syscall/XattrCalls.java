package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;

/**
 * Extended attributes, of a descriptor and of a directory's entry (a symbolic link's own, too). Results are those of the calls'
 * manual pages, except that a failure is the negated error number instead of -1.
 */
final class XattrCalls {
    private static final NativeCall FLISTXATTR = NativeCall.withPointerSecond("flistxattr");
    private static final NativeCall FGETXATTR = NativeCall.withPointersSecondThird("fgetxattr");
    private static final NativeCall FSETXATTR = NativeCall.withPointersSecondThird("fsetxattr");
    private static final NativeCall FREMOVEXATTR = NativeCall.withPointerSecond("fremovexattr");
    private static final NativeCall LLISTXATTR = NativeCall.withPointersFirstSecond("llistxattr");
    private static final NativeCall LGETXATTR = NativeCall.withPointersFirstToThird("lgetxattr");
    private static final NativeCall LSETXATTR = NativeCall.withPointersFirstToThird("lsetxattr");
    private static final NativeCall LREMOVEXATTR = NativeCall.withPointersFirstSecond("lremovexattr");

    private XattrCalls() {}

    static long list(int descriptor, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        return scratch.resultOf(FLISTXATTR.invoke(scratch, descriptor, target, lengthBytes, 0, 0));
    }

    static long list(int directory, byte[] name, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        return scratch.resultOf(LLISTXATTR.invoke(scratch, path, target, lengthBytes));
    }

    static long get(int descriptor, byte[] attribute, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf(FGETXATTR.invoke(scratch, descriptor, attributeName, target, lengthBytes, 0));
    }

    static long get(int directory, byte[] name, byte[] attribute, MemorySegment target, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf(LGETXATTR.invoke(scratch, path, attributeName, target, lengthBytes, 0));
    }

    static int set(int descriptor, byte[] attribute, MemorySegment value, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf((int) FSETXATTR.invoke(scratch, descriptor, attributeName, value, lengthBytes, 0));
    }

    static int set(int directory, byte[] name, byte[] attribute, MemorySegment value, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf((int) LSETXATTR.invoke(scratch, path, attributeName, value, lengthBytes, 0));
    }

    static int remove(int descriptor, byte[] attribute) {
        var scratch = CallScratch.ofThread();
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf((int) FREMOVEXATTR.invoke(scratch, descriptor, attributeName, 0, 0, 0));
    }

    static int remove(int directory, byte[] name, byte[] attribute) {
        var scratch = CallScratch.ofThread();
        var path = scratch.stringBelow(directory, name);
        var attributeName = scratch.secondString(attribute);
        return scratch.resultOf((int) LREMOVEXATTR.invoke(scratch, path, attributeName, 0));
    }
}
