package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.fuse.OpenFiles.Handle;
import samepage.linux.syscall.OpenFlags;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.volume.InodeRecord;

/** Opens, reads and writes files. */
final class FileOperations {
    private static final int ACCESS_MODE = 3;
    private static final int KEEP_CACHE = 1 << 1;
    private static final int OPEN_STRIPS_SET_IDS = 1;
    private static final int WRITE_STRIPS_SET_IDS = 1 << 2;
    private static final int DATA_ONLY = 1;
    private static final int OPEN_REPLY_BYTES = 16;

    /** The kernel drops three million pages a second, and whoever opens the file waits for it. */
    private static final long MANY_PAGES_BYTES = 16L << 20;

    /** What programs that read a file begin with. */
    private static final long FIRST_READ_BYTES = 1L << 20;

    private final Served served;
    private final Vfs vfs;
    private final OpenFiles files;
    private final Privileges privileges;

    FileOperations(Served served) {
        this.served = served;
        this.vfs = served.vfs();
        this.files = served.files();
        this.privileges = new Privileges(served);
    }

    /**
     * Flags of open(2) u32, FUSE's own u32. The answer is given later where kernel pages are to go before: not all of them, a
     * large file's would take a second.
     *
     * @return whether the answer is there
     */
    boolean open(Request request, Reply reply, SlowAnswers slowly) throws IOException {
        int flags = request.nextInt();
        int ownFlags = request.nextInt();
        long ino = request.node();
        InodeRecord inode = vfs.getAttributes(ino);
        OpenFile file = vfs.open(Caller.ROOT, ino, vfsFlags(inode, flags));
        if ((flags & OpenFlags.TRUNCATE) != 0) {
            dropPrivilegesOrClose(request, file, (ownFlags & OPEN_STRIPS_SET_IDS) != 0);
        }
        int cacheFlags = cacheFlags(inode, flags);
        if (cacheFlags == KEEP_CACHE || file.attributes().sizeBytes() < MANY_PAGES_BYTES) {
            answer(request.uid(), reply, file, flags, cacheFlags);
            return true;
        }
        int uid = request.uid();
        return slowly.answer(OPEN_REPLY_BYTES, answer -> {
            try {
                served.kernelCache().flushPages(ino, 0, FIRST_READ_BYTES);
            } catch (Throwable e) {
                file.close();
                throw e;
            }
            answer(uid, answer, file, flags, KEEP_CACHE);
        });
    }

    private void dropPrivilegesOrClose(Request request, OpenFile file, boolean setIdsToo) throws IOException {
        try {
            privileges.drop(request, file.attributes(), setIdsToo);
        } catch (Throwable e) {
            file.close();
            throw e;
        }
    }

    /**
     * The kernel lets programs do what they have opened the file for, and may itself read what is open for writing only. Where
     * a write goes is for it to say, too: what comes from a memory map goes to its place, also through a file open for
     * appending.
     */
    private static Set<OpenFlag> vfsFlags(InodeRecord inode, int flags) {
        var wanted = EnumSet.of(OpenFlag.READ);
        if ((flags & ACCESS_MODE) != OpenFlags.READ_ONLY) {
            wanted.add(OpenFlag.WRITE);
        }
        if ((flags & OpenFlags.APPEND) != 0 && inode.has(InodeRecord.FLAG_APPEND_ONLY)) {
            wanted.add(OpenFlag.APPEND);
        }
        if ((flags & OpenFlags.TRUNCATE) != 0) {
            wanted.add(OpenFlag.TRUNCATE);
        }
        if ((flags & OpenFlags.NO_ACCESS_TIME) != 0) {
            wanted.add(OpenFlag.NO_ACCESS_TIME);
        }
        return wanted;
    }

    /**
     * The kernel's pages are as good as ours. But a read that moves the access time must come here: for that they are dropped,
     * those of a large file where reading begins.
     */
    private int cacheFlags(InodeRecord inode, int flags) {
        boolean reads = (flags & ACCESS_MODE) != OpenFlags.WRITE_ONLY && (flags & OpenFlags.NO_ACCESS_TIME) == 0;
        return reads && inode.sizeBytes() > 0 && vfs.isAccessTimeDue(inode) ? 0 : KEEP_CACHE;
    }

    /** Handle u64, flags u32, padding. */
    private void answer(int uid, Reply reply, OpenFile file, int flags, int cacheFlags) {
        int access = flags & ACCESS_MODE;
        var handle = new Handle(file, uid, access != OpenFlags.WRITE_ONLY, access != OpenFlags.READ_ONLY);
        reply.put((long) files.add(handle)).put(cacheFlags).put(0);
    }

    /** Flags of open(2) u32, mode u32, umask u32, FUSE's own flags u32; name. The answer is that of LOOKUP and that of OPEN. */
    void create(Request request, Reply reply) throws IOException {
        int flags = request.nextInt();
        int mode = request.nextInt();
        var maker = request.maker(request.nextInt());
        request.skip(4);
        byte[] name = request.nextName();
        OpenFile file = createOrOpen(request, maker, name, mode, flags);
        answerCreated(request, reply, file, flags);
    }

    private OpenFile createOrOpen(Request request, Caller maker, byte[] name, int mode, int flags) throws IOException {
        var wanted = EnumSet.of(OpenFlag.READ, OpenFlag.WRITE);
        while (true) {
            try {
                return vfs.createAndOpen(maker, request.node(), name, mode, wanted);
            } catch (VfsException e) {
                InodeRecord existing = e.errno() == Errno.EEXIST && (flags & OpenFlags.EXCLUSIVE) == 0
                        ? vfs.find(request.node(), name)
                        : null;
                if (existing == null) {
                    throw e;
                }
                // It has come to be by another way than the kernel's, which has checked nothing: its owner's rights
                // count.
                var caller =
                        new Caller(request.caller().uid(), request.caller().gid(), Set.of(), 0, request.isByRoot());
                return vfs.open(caller, existing.ino(), vfsFlags(existing, flags));
            }
        }
    }

    /** The same for a file without a name, made in a directory. */
    void createUnnamed(Request request, Reply reply) throws IOException {
        int flags = request.nextInt();
        int mode = request.nextInt();
        var maker = request.maker(request.nextInt());
        OpenFile file = vfs.openUnnamed(maker, request.node(), mode, EnumSet.of(OpenFlag.READ, OpenFlag.WRITE));
        answerCreated(request, reply, file, flags);
        served.references().keep(file.ino());
    }

    private void answerCreated(Request request, Reply reply, OpenFile file, int flags) {
        served.references().lookedUp(file.ino());
        served.attributes().putEntry(reply, file.attributes());
        answer(request.uid(), reply, file, flags, KEEP_CACHE);
    }

    /** Handle u64, flags u32, and more that is of no interest. */
    void release(Request request) throws IOException {
        files.remove(request.nextLong());
    }

    /** Handle u64, offset u64, length u32, and more. The answer is the bytes alone. */
    void read(Request request, Reply reply) throws IOException {
        OpenFile file = files.get(request.nextLong()).file();
        long offset = request.nextLong();
        int lengthBytes = request.nextInt();
        reply.advance(file.read(offset, reply.room(lengthBytes)));
    }

    /**
     * <pre>
     *   0 handle u64   8 offset u64   16 length u32   20 FUSE's own flags u32
     *  24 lock owner u64   32 flags of open(2) u32   36 padding
     *  40 the bytes
     * </pre>
     *
     * Answer: bytes written u32, padding.
     */
    void write(Request request, Reply reply) throws IOException {
        OpenFile file = files.get(request.nextLong()).file();
        long offset = request.nextLong();
        int lengthBytes = request.nextInt();
        int ownFlags = request.nextInt();
        request.skip(16);
        MemorySegment data = request.nextData(lengthBytes);
        privileges.drop(request, file.attributes(), (ownFlags & WRITE_STRIPS_SET_IDS) != 0);
        files.written(file.ino(), lengthBytes);
        reply.put(file.write(offset, data)).put(0);
    }

    /** Handle u64, flags u32, padding. */
    void sync(Request request) throws IOException {
        OpenFile file = files.get(request.nextLong()).file();
        file.fsync((request.nextInt() & DATA_ONLY) != 0);
    }
}
