package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * struct file_dedupe_range with one destination, the argument of FIDEDUPERANGE.
 *
 * <pre>
 *    0 src_offset u64   8 src_length u64   16 dest_count u16   18 reserved u16   20 reserved u32
 *   24 dest_fd s64     32 dest_offset u64  40 bytes_deduped u64   48 status s32   52 reserved u32
 * </pre>
 */
final class DedupeRangeFormat {
    private static final long FIDEDUPERANGE = 0xC0189436L;

    private static final int SOURCE_OFFSET = 0;
    private static final int SOURCE_LENGTH = SOURCE_OFFSET + Long.BYTES;
    private static final int COUNT = SOURCE_LENGTH + Long.BYTES;
    private static final int TARGET = COUNT + Long.BYTES;
    private static final int TARGET_OFFSET = TARGET + Long.BYTES;
    private static final int DEDUPED = TARGET_OFFSET + Long.BYTES;
    private static final int STATUS = DEDUPED + Long.BYTES;
    private static final int BYTES = STATUS + Long.BYTES;

    private static final int SAME = 0;
    private static final int DIFFERS = 1;

    private DedupeRangeFormat() {}

    static long dedupe(HostFile source, long sourceOffset, HostFile target, long targetOffset, long length)
            throws VfsException {
        var range = CallScratch.ofThread().bulk().asSlice(0, BYTES);
        range.fill((byte) 0);
        range.set(ValueLayout.JAVA_LONG, SOURCE_OFFSET, sourceOffset);
        range.set(ValueLayout.JAVA_LONG, SOURCE_LENGTH, length);
        range.set(ValueLayout.JAVA_SHORT, COUNT, (short) 1);
        range.set(ValueLayout.JAVA_LONG, TARGET, target.number());
        range.set(ValueLayout.JAVA_LONG, TARGET_OFFSET, targetOffset);
        var result = FileCalls.control(source.number(), FIDEDUPERANGE, range);
        var status = result < 0 ? result : range.get(ValueLayout.JAVA_INT, STATUS);
        if (status < 0) {
            throw new VfsException(Errno.of(-status), "cannot share")
                    .with("source", source.path())
                    .with("target", target.path())
                    .with("offset", targetOffset)
                    .with("length", length);
        }
        return status == SAME ? deduped(range) : different(status);
    }

    private static long deduped(MemorySegment range) {
        return range.get(ValueLayout.JAVA_LONG, DEDUPED);
    }

    private static long different(int status) throws VfsException {
        if (status != DIFFERS) {
            throw new VfsException(Errno.EIO, "the kernel answers what nobody knows").with("status", status);
        }
        return HostFile.DIFFERENT;
    }
}
