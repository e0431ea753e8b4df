package samepage.linux.fuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import samepage.errno.Errno;

/**
 * The answer to a request, written from front to back.
 *
 * <pre>
 *    0 length u32      4 error i32, 0 or negated
 *    8 unique u64
 *   16 the operation's own fields, data; nothing where there is an error
 * </pre>
 */
final class Reply {
    static final int HEADER_BYTES = 16;

    private static final int ERROR = 4;
    private static final int UNIQUE = 8;

    private final MemorySegment memory;
    private long unique;
    private int error;
    private long at;

    Reply(MemorySegment memory) {
        this.memory = memory;
    }

    /** Begins the answer to a request: so far it says that all is well. */
    void begin(long number) {
        unique = number;
        error = 0;
        at = HEADER_BYTES;
    }

    /** Begins a notification, which answers no request. */
    void beginNotification(int code) {
        begin(0);
        error = code;
    }

    /** Makes it a refusal. */
    void fail(Errno errno) {
        error = -errno.number();
        at = HEADER_BYTES;
    }

    Reply put(int value) {
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at, value);
        at += Integer.BYTES;
        return this;
    }

    Reply put(long value) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
        at += Long.BYTES;
        return this;
    }

    Reply putShort(int value) {
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
        at += Short.BYTES;
        return this;
    }

    Reply put(byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
        at += bytes.length;
        return this;
    }

    Reply putZeros(long count) {
        memory.asSlice(at, count).fill((byte) 0);
        at += count;
        return this;
    }

    /** Where the next bytes go, for whoever writes them there itself and then says {@link #advance}. */
    MemorySegment room(long lengthBytes) {
        return memory.asSlice(at, lengthBytes);
    }

    void advance(long bytes) {
        at += bytes;
    }

    /** The bytes written after the header. */
    long bodyBytes() {
        return at - HEADER_BYTES;
    }

    /** Takes back what has been written after that many bytes of the body. */
    void cutTo(long bodyBytes) {
        at = HEADER_BYTES + bodyBytes;
    }

    /** Writes the header, there: until then nothing but the body has been written. */
    void putHeader(MemorySegment target) {
        target.set(ValueLayout.JAVA_INT, 0, (int) at);
        target.set(ValueLayout.JAVA_INT, ERROR, error);
        target.set(ValueLayout.JAVA_LONG, UNIQUE, unique);
    }

    /** The finished answer. */
    MemorySegment finish() {
        putHeader(memory);
        return memory.asSlice(0, at);
    }
}
