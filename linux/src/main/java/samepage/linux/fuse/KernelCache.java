package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;

/**
 * Tells the kernel that what it has cached is not so any more. What it does not have cached it need not be told (ENOENT), and
 * once it is gone it cannot be.
 */
final class KernelCache {
    private static final int INVALIDATE_INODE = 2;
    private static final int INVALIDATE_ENTRY = 3;
    private static final int STORE = 4;
    private static final int RETRIEVE = 5;
    private static final int ROOM_BYTES = 512;

    private final HostFile device;

    /** Of requests that were asked for: even, and far above those that the kernel counts up to. */
    private final AtomicLong lastAsked = new AtomicLong(1L << 62);

    KernelCache(HostFile device) {
        this.device = device;
    }

    /** The inode's attributes have changed; its pages stay. Any thread may tell. */
    void invalidateAttributes(long ino) throws IOException {
        invalidateInode(ino, -1, 0);
    }

    /**
     * Writes back and drops the kernel's pages of a range: when it returns, all that programs had stored through memory maps
     * before has come as WRITE requests and been answered. Never from a worker (U4).
     *
     * @param length 0 for all that follows
     */
    void flushPages(long ino, long offset, long length) throws IOException {
        invalidateInode(ino, offset, length);
    }

    /**
     * <pre>
     *   0 inode u64   8 offset i64, negative for none   16 length i64
     * </pre>
     */
    private void invalidateInode(long ino, long offset, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var notification = new Reply(arena.allocate(ROOM_BYTES, Long.BYTES));
            notification.beginNotification(INVALIDATE_INODE);
            notification.put(ino).put(offset).put(length);
            send(notification);
        }
    }

    /**
     * Puts content into the kernel's pages; a file that ends before it becomes as long as that, in the kernel's eyes. Never
     * from a worker (U4).
     *
     * <pre>
     *   0 inode u64   8 offset u64   16 length u32   20 padding   24 the bytes
     * </pre>
     */
    void storePages(long ino, long offset, byte[] content) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var notification = new Reply(arena.allocate(ROOM_BYTES, Long.BYTES));
            notification.beginNotification(STORE);
            notification.put(ino).put(offset).put(content.length).put(0).put(content);
            send(notification);
        }
    }

    /**
     * A name in a directory means something else, or nothing, or something at last.
     *
     * <pre>
     *   0 directory u64   8 length of the name u32   12 flags u32   16 name, zero byte
     * </pre>
     */
    void invalidateEntry(long directory, byte[] name) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var notification = new Reply(arena.allocate(ROOM_BYTES, Long.BYTES));
            notification.beginNotification(INVALIDATE_ENTRY);
            notification.put(directory).put(name.length).put(0).put(name).putZeros(1);
            send(notification);
        }
    }

    /**
     * Has the kernel make a request, {@link Opcode#NOTIFY_REPLY}, on this thread's processor: it is to tell nothing of a regular file.
     *
     * <pre>
     *   0 number of the request u64   8 inode u64   16 offset u64   24 length u32   28 padding
     * </pre>
     */
    void askForARequest(long ino) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var notification = new Reply(arena.allocate(ROOM_BYTES, Long.BYTES));
            notification.beginNotification(RETRIEVE);
            notification.put(lastAsked.addAndGet(2)).put(ino).put(0L).put(0).put(0);
            send(notification);
        }
    }

    private void send(Reply notification) throws IOException {
        try {
            device.writeNext(notification.finish());
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV && e.errno() != Errno.ENOTCONN) {
                throw e;
            }
        }
    }
}
