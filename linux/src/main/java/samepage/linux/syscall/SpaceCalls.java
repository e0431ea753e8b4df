package samepage.linux.syscall;

import static samepage.linux.syscall.FileCalls.EINTR;

import java.lang.foreign.ValueLayout;

/**
 * The size and storage of a file, and making it durable. Results are those of the calls' manual pages, except that a failure is the
 * negated error number instead of -1.
 */
final class SpaceCalls {
    private static final NativeCall FTRUNCATE = NativeCall.ofWords("ftruncate");
    private static final NativeCall FALLOCATE = NativeCall.ofWords("fallocate");
    private static final NativeCall FSYNC = NativeCall.ofWords("fsync");
    private static final NativeCall FDATASYNC = NativeCall.ofWords("fdatasync");
    private static final NativeCall SYNCFS = NativeCall.ofWords("syncfs");
    private static final NativeCall POSIX_FADVISE = NativeCall.ofWords("posix_fadvise");
    private static final NativeCall COPY_FILE_RANGE = NativeCall.withPointersSecondFourth("copy_file_range");

    private SpaceCalls() {}

    static int truncate(int descriptor, long sizeBytes) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FTRUNCATE.invoke(scratch, descriptor, sizeBytes, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int allocate(int descriptor, int mode, long offsetBytes, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FALLOCATE.invoke(scratch, descriptor, mode, offsetBytes, lengthBytes));
        } while (result == -EINTR);
        return result;
    }

    static int sync(int descriptor) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FSYNC.invoke(scratch, descriptor, 0, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int dataSync(int descriptor) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) FDATASYNC.invoke(scratch, descriptor, 0, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int syncFileSystem(int descriptor) {
        var scratch = CallScratch.ofThread();
        int result;
        do {
            result = scratch.resultOf((int) SYNCFS.invoke(scratch, descriptor, 0, 0, 0));
        } while (result == -EINTR);
        return result;
    }

    static int advise(int descriptor, long offsetBytes, long lengthBytes, int advice) {
        var scratch = CallScratch.ofThread();
        // The only call here that returns its error number.
        return -(int) POSIX_FADVISE.invoke(scratch, descriptor, offsetBytes, lengthBytes, advice);
    }

    static long copy(int source, long sourceOffsetBytes, int target, long targetOffsetBytes, long lengthBytes) {
        var scratch = CallScratch.ofThread();
        var sourceOffset = scratch.record.asSlice(0, Long.BYTES);
        var targetOffset = scratch.record.asSlice(Long.BYTES, Long.BYTES);
        long result;
        do {
            sourceOffset.set(ValueLayout.JAVA_LONG, 0, sourceOffsetBytes);
            targetOffset.set(ValueLayout.JAVA_LONG, 0, targetOffsetBytes);
            result = scratch.resultOf(
                    COPY_FILE_RANGE.invoke(scratch, source, sourceOffset, target, targetOffset, lengthBytes, 0));
        } while (result == -EINTR);
        return result;
    }
}
