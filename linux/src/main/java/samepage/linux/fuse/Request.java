package samepage.linux.fuse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import samepage.vfs.Caller;

/**
 * A request in a worker's buffer: the header at its beginning, the rest read from front to back. One object for all requests
 * of a worker; good until the worker's next read.
 *
 * <pre>
 *    0 length u32      4 opcode u32
 *    8 unique u64
 *   16 node u64
 *   24 uid u32        28 gid u32
 *   32 pid u32        36 extensions u16, padding u16
 *   40 the operation's own fields, names (each ends in a zero byte), data
 * </pre>
 */
final class Request {
    static final int HEADER_BYTES = 40;

    private static final int OPCODE = 4;
    private static final int UNIQUE = 8;
    private static final int NODE = 16;
    private static final int UID = 24;
    private static final int GID = 28;
    private static final int PROCESS = 32;

    private final MemorySegment memory;
    private long start;
    private long at;
    private long end;
    private Caller lastCaller = Caller.ROOT;

    Request(MemorySegment memory) {
        this.memory = memory;
    }

    MemorySegment memory() {
        return memory;
    }

    /** A new request of that length is in the buffer, from that place on. */
    void received(long place, long lengthBytes) {
        start = place;
        at = place + HEADER_BYTES;
        end = place + lengthBytes;
    }

    int opcode() {
        return memory.get(ValueLayout.JAVA_INT, start + OPCODE);
    }

    long unique() {
        return memory.get(ValueLayout.JAVA_LONG, start + UNIQUE);
    }

    /** The inode that the request is about; of an operation on a name its directory. */
    long node() {
        return memory.get(ValueLayout.JAVA_LONG, start + NODE);
    }

    int uid() {
        return memory.get(ValueLayout.JAVA_INT, start + UID);
    }

    boolean isByRoot() {
        return uid() == 0;
    }

    /** Which process asks. */
    Asker asker() {
        return new Asker(
                uid(),
                memory.get(ValueLayout.JAVA_INT, start + GID),
                memory.get(ValueLayout.JAVA_INT, start + PROCESS));
    }

    /** Who asks, as owner of what is made. Permissions have been checked by the kernel. */
    Caller caller() {
        int uid = uid();
        int gid = memory.get(ValueLayout.JAVA_INT, start + GID);
        if (lastCaller.uid() != uid || lastCaller.gid() != gid) {
            lastCaller = new Caller(uid, gid, Set.of(), 0, true);
        }
        return lastCaller;
    }

    /** Who makes something with that umask. */
    Caller maker(int umask) {
        return umask == 0
                ? caller()
                : new Caller(uid(), memory.get(ValueLayout.JAVA_INT, start + GID), Set.of(), umask, true);
    }

    int nextInt() {
        int value = memory.get(ValueLayout.JAVA_INT_UNALIGNED, at);
        at += Integer.BYTES;
        return value;
    }

    long nextLong() {
        long value = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        at += Long.BYTES;
        return value;
    }

    void skip(int bytes) {
        at += bytes;
    }

    /** A string that ends in a zero byte, without it. */
    byte[] nextName() {
        long stop = at;
        while (stop < end && memory.get(ValueLayout.JAVA_BYTE, stop) != 0) {
            stop++;
        }
        byte[] name = memory.asSlice(at, stop - at).toArray(ValueLayout.JAVA_BYTE);
        at = stop + 1;
        return name;
    }

    /** The next bytes where they lie. */
    MemorySegment nextData(long lengthBytes) {
        MemorySegment data = memory.asSlice(at, lengthBytes);
        at += lengthBytes;
        return data;
    }

    /** What has not been read yet. */
    long remaining() {
        return end - at;
    }
}
