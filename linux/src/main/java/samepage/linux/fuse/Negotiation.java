package samepage.linux.fuse;

import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * What kernel and daemon agree on at the beginning.
 *
 * <pre>
 *   the kernel's:  0 major u32   4 minor u32   8 longest read-ahead u32   12 features u32   16 more features u32   20 unused
 *   the answer:    0 major u32   4 minor u32   8 longest read-ahead u32   12 features u32
 *                 16 requests in the background u16   18 of them before it is congested u16   20 longest write u32
 *                 24 granularity of time, ns u32   28 pages of a request u16   30 alignment u16   32 more features u32
 *                 36 unused
 *                 64
 * </pre>
 *
 * @param minor of the protocol that both speak
 * @param readAheadBytes at most, as the kernel would have it
 * @param features that both have, the further ones above the first 32
 */
record Negotiation(int minor, int readAheadBytes, long features) {
    /** The longest content of one request. */
    static final int MAX_WRITE_BYTES = 1 << 20;

    private static final int MAJOR = 7;
    private static final int LEAST_MINOR = 31;
    private static final int MOST_MINOR = 45;
    private static final int PAGE_BYTES = 4096;
    private static final int BACKGROUND_REQUESTS = 64;
    private static final int CONGESTED_AT = 48;
    private static final int UNUSED_BYTES = 28;

    private static final long ASYNC_READ = 1;
    /** OPEN truncates: one request less for each file that is rewritten. */
    private static final long TRUNCATING_OPEN = 1 << 3;
    /** "." and ".." are looked up for file handles. */
    private static final long EXPORT = 1 << 4;

    private static final long BIG_WRITES = 1 << 5;
    /** The umask comes with what is made: a directory's default access control list stands in its place. */
    private static final long UNAPPLIED_UMASK = 1 << 6;

    private static final long IOCTL_OF_DIRECTORIES = 1 << 11;
    private static final long READDIRPLUS = 1 << 13;
    private static final long READDIRPLUS_WHERE_USEFUL = 1 << 14;
    private static final long ASYNC_DIRECT_IO = 1 << 15;
    private static final long PARALLEL_DIRECTORY_OPERATIONS = 1 << 18;
    private static final long ACCESS_CONTROL_LISTS = 1 << 20;
    private static final long MAX_PAGES = 1 << 22;
    /** Directories are opened without asking, and their entries kept. */
    private static final long UNTOLD_OPENDIR = 1 << 24;
    /** The kernel drops its pages where it is told to, not where a time of modification is another than it thought. */
    private static final long EXPLICIT_INVALIDATION = 1 << 25;
    /** The daemon takes set-id bits and capabilities away; else every write would ask for an extended attribute first. */
    private static final long STRIPS_PRIVILEGES = 1 << 28;

    private static final long MORE_FEATURES = 1 << 30;
    /** Requests come by io_uring. */
    static final long RINGS = 1L << 41;

    private static final long WANTED = ASYNC_READ
            | TRUNCATING_OPEN
            | EXPORT
            | BIG_WRITES
            | UNAPPLIED_UMASK
            | ACCESS_CONTROL_LISTS
            | IOCTL_OF_DIRECTORIES
            | READDIRPLUS
            | READDIRPLUS_WHERE_USEFUL
            | ASYNC_DIRECT_IO
            | PARALLEL_DIRECTORY_OPERATIONS
            | MAX_PAGES
            | UNTOLD_OPENDIR
            | EXPLICIT_INVALIDATION
            | STRIPS_PRIVILEGES
            | MORE_FEATURES
            | RINGS;

    private static final long NEEDED =
            UNAPPLIED_UMASK | TRUNCATING_OPEN | UNTOLD_OPENDIR | EXPLICIT_INVALIDATION | STRIPS_PRIVILEGES;

    /** What the kernel offers and we want; EPROTO where it is too old. */
    static Negotiation read(Request request) throws VfsException {
        int major = request.nextInt();
        int minor = request.nextInt();
        int readAheadBytes = request.nextInt();
        long offered = Integer.toUnsignedLong(request.nextInt());
        if ((offered & MORE_FEATURES) != 0) {
            offered |= (long) request.nextInt() << Integer.SIZE;
        }
        var agreed = new Negotiation(Math.min(minor, MOST_MINOR), readAheadBytes, offered & WANTED);
        if (major != MAJOR || minor < LEAST_MINOR || !agreed.has(NEEDED)) {
            throw new VfsException(Errno.EPROTO, "the kernel's FUSE is too old: Linux 5.11 is needed")
                    .with("major", major)
                    .with("minor", minor);
        }
        return agreed;
    }

    boolean has(long wanted) {
        return (features & wanted) == wanted;
    }

    Negotiation without(long unwanted) {
        return new Negotiation(minor, readAheadBytes, features & ~unwanted);
    }

    void answer(Reply reply) {
        reply.put(MAJOR).put(minor);
        reply.put(Math.max(readAheadBytes, MAX_WRITE_BYTES)).put((int) features);
        reply.putShort(BACKGROUND_REQUESTS).putShort(CONGESTED_AT).put(MAX_WRITE_BYTES);
        reply.put(1).putShort(MAX_WRITE_BYTES / PAGE_BYTES).putShort(0);
        reply.put((int) (features >>> Integer.SIZE)).putZeros(UNUSED_BYTES);
    }
}
