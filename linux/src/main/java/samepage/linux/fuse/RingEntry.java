package samepage.linux.fuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * Memory through which kernel and daemon hand each other a request and its answer by io_uring: headers (struct
 * fuse_uring_req_header), and one place for the content of both.
 *
 * <pre>
 *     0 header of the request, then of the answer
 *   128 the operation's own fields
 *   256 flags u64   264 number of the request u64   272 length of the content u32
 *   288
 *  4096 content: of a request names and data, of an answer all that follows its header
 * </pre>
 *
 * <p>For {@link Request} header and fields are copied to right before the content, as they come from the device. {@link Reply} writes
 * its content over the request's: what serves a request has read it before it answers.
 */
final class RingEntry {
    private static final int FIELDS = 128;
    private static final int MOST_FIELDS_BYTES = 128;
    private static final int NUMBER = 264;
    private static final int CONTENT_LENGTH = 272;
    private static final int HEADERS_BYTES = 288;
    private static final int CONTENT = 4096;
    private static final int VECTOR_BYTES = 16;

    private final MemorySegment memory;
    private final MemorySegment vectors;
    private final Request request;
    private final Reply reply;

    RingEntry(Arena arena) {
        memory = arena.allocate(CONTENT + (long) Negotiation.MAX_WRITE_BYTES, CONTENT);
        vectors = arena.allocate(2L * VECTOR_BYTES, Long.BYTES);
        putVector(0, 0, HEADERS_BYTES);
        putVector(1, CONTENT, Negotiation.MAX_WRITE_BYTES);
        request = new Request(memory);
        reply = new Reply(memory.asSlice(CONTENT - Reply.HEADER_BYTES));
    }

    /** struct iovec: address u64, length u64. */
    private void putVector(int index, long at, long lengthBytes) {
        vectors.set(ValueLayout.JAVA_LONG, (long) index * VECTOR_BYTES, memory.address() + at);
        vectors.set(ValueLayout.JAVA_LONG, (long) index * VECTOR_BYTES + Long.BYTES, lengthBytes);
    }

    /** Where both parts are, as the kernel wants to be told. */
    MemorySegment vectors() {
        return vectors;
    }

    Request request() {
        return request;
    }

    Reply reply() {
        return reply;
    }

    /** The number by which the kernel knows the request; its answer has the same. */
    long number() {
        return memory.get(ValueLayout.JAVA_LONG, NUMBER);
    }

    /** The kernel has put a request there. */
    void received() throws VfsException {
        int length = memory.get(ValueLayout.JAVA_INT, 0);
        int contentLength = memory.get(ValueLayout.JAVA_INT, CONTENT_LENGTH);
        int fieldsLength = length - Request.HEADER_BYTES - contentLength;
        if (fieldsLength < 0 || fieldsLength > MOST_FIELDS_BYTES) {
            throw new VfsException(Errno.EPROTO, "a request of impossible lengths")
                    .with("bytes", length)
                    .with("content", contentLength);
        }
        long start = CONTENT - fieldsLength - (long) Request.HEADER_BYTES;
        MemorySegment.copy(memory, 0, memory, start, Request.HEADER_BYTES);
        MemorySegment.copy(memory, FIELDS, memory, CONTENT - (long) fieldsLength, fieldsLength);
        request.received(start, length);
    }

    /** The answer is written. */
    void answered() {
        reply.putHeader(memory);
        memory.set(ValueLayout.JAVA_INT, CONTENT_LENGTH, (int) reply.bodyBytes());
    }
}
