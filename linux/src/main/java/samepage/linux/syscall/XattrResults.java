package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * What the calls on extended attributes take and return, as lists, arrays and exceptions: for an open file, and for an entry of an
 * open directory ({@code entry} is then its name, otherwise null).
 */
final class XattrResults {
    private static final int LONGEST_NAME_BYTES = 255;

    private XattrResults() {}

    /** The names in a list: each ends with NUL. */
    static List<byte[]> names(long result, MemorySegment list, HostDescriptor file, byte @Nullable [] entry)
            throws VfsException {
        if (result == 0 || isFailure(result, Errno.EOPNOTSUPP)) {
            return List.of();
        }
        if (result < 0) {
            throw file.failure(entry, result, "cannot list the extended attributes");
        }
        var names = new ArrayList<byte[]>();
        var start = 0;
        for (var position = 0; position < result; position++) {
            if (list.get(ValueLayout.JAVA_BYTE, position) == 0) {
                names.add(copy(list, start, position - start));
                start = position + 1;
            }
        }
        return names;
    }

    /** The value; null where there is no such attribute, or the file system keeps none. */
    static byte @Nullable [] value(
            long result, MemorySegment value, HostDescriptor file, byte @Nullable [] entry, byte[] attribute)
            throws VfsException {
        if (isFailure(result, Errno.ENODATA) || isFailure(result, Errno.EOPNOTSUPP)) {
            return null;
        }
        check(result, "cannot read an extended attribute", file, entry, attribute);
        return copy(value, 0, (int) result);
    }

    static void check(long result, String text, HostDescriptor file, byte @Nullable [] entry, byte[] attribute)
            throws VfsException {
        if (result < 0) {
            throw file.failure(entry, result, text).with("attribute", attribute);
        }
    }

    /** The value in native memory, for one call. */
    static MemorySegment toSegment(byte[] value, byte[] attribute) throws VfsException {
        if (value.length > CallScratch.BULK_BYTES) {
            throw new VfsException(Errno.E2BIG, "extended attribute too long")
                    .with("attribute", attribute)
                    .with("bytes", value.length);
        }
        var bulk = CallScratch.ofThread().bulk();
        MemorySegment.copy(value, 0, bulk, ValueLayout.JAVA_BYTE, 0, value.length);
        return bulk;
    }

    /** Refuses what no attribute's name can be: with NUL, or too long; returns the name. */
    static byte[] checkName(byte[] attribute) throws VfsException {
        if (attribute.length > LONGEST_NAME_BYTES) {
            throw new VfsException(Errno.ERANGE, "extended attribute's name too long").with("attribute", attribute);
        }
        for (var value : attribute) {
            if (value == 0) {
                throw new VfsException(Errno.EINVAL, "extended attribute's name with NUL").with("attribute", attribute);
            }
        }
        return attribute;
    }

    private static boolean isFailure(long result, Errno errno) {
        return result == -errno.number();
    }

    private static byte[] copy(MemorySegment source, int position, int length) {
        var bytes = new byte[length];
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, position, bytes, 0, length);
        return bytes;
    }
}
