package samepage.linux.fuse;

import samepage.volume.Timestamp;

/**
 * What SETATTR asks for: the fields whose {@link Bits} are set.
 *
 * <pre>
 *    0 bits u32, padding       8 handle u64
 *   16 size u64               24 lock owner u64
 *   32 access, modify, change time, seconds, u64 each
 *   56 their nanoseconds, u32 each
 *   68 mode u32   72 unused   76 uid u32   80 gid u32   84 unused
 * </pre>
 */
record SetAttributeRequest(
        int bits, long sizeBytes, Timestamp accessTime, Timestamp modifyTime, int mode, int uid, int gid) {
    /** Which fields mean something, and how. */
    static final class Bits {
        static final int MODE = 1;
        static final int UID = 1 << 1;
        static final int GID = 1 << 2;
        static final int SIZE = 1 << 3;
        static final int ACCESS_TIME = 1 << 4;
        static final int MODIFY_TIME = 1 << 5;
        static final int ACCESS_TIME_NOW = 1 << 7;
        static final int MODIFY_TIME_NOW = 1 << 8;
        /** The caller may not keep set-id bits where the size changes. */
        static final int STRIP_SET_IDS = 1 << 11;

        private static final int ATTRIBUTES = MODE | UID | GID | SIZE | ACCESS_TIME | MODIFY_TIME;

        private Bits() {}
    }

    static SetAttributeRequest read(Request request) {
        int bits = request.nextInt();
        request.skip(12);
        long sizeBytes = request.nextLong();
        request.skip(8);
        long accessSeconds = request.nextLong();
        long modifySeconds = request.nextLong();
        request.skip(8);
        int accessNanos = request.nextInt();
        int modifyNanos = request.nextInt();
        request.skip(4);
        int mode = request.nextInt();
        request.skip(4);
        return new SetAttributeRequest(
                bits,
                sizeBytes,
                new Timestamp(accessSeconds, accessNanos),
                new Timestamp(modifySeconds, modifyNanos),
                mode,
                request.nextInt(),
                request.nextInt());
    }

    /** What is left of a request that was to take privileges away and nothing else, as chown(2) with neither owner nor group. */
    boolean namesNothing() {
        return (bits & Bits.ATTRIBUTES) == 0;
    }

    /** One of them, where there are several. */
    boolean has(int bit) {
        return (bits & bit) != 0;
    }
}
