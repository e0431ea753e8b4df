package samepage.linux.fuse;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.Caller;
import samepage.vfs.Vfs;
import samepage.volume.InodeRecord;

/** Requests that have no system call of their own: sharing, flags of inodes, shutting down. */
final class IoctlOperations {
    private static final int FLAG_IMMUTABLE = 0x10;
    private static final int FLAG_APPEND_ONLY = 0x20;
    private static final int EXTENDED_FLAG_IMMUTABLE = 0x08;
    private static final int EXTENDED_FLAG_APPEND_ONLY = 0x10;

    private final Vfs vfs;
    private final RangeSharing sharing;

    IoctlOperations(Served served) {
        this.vfs = served.vfs();
        this.sharing = new RangeSharing(served);
    }

    /**
     * <pre>
     *   0 handle u64   8 flags u32   12 the ioctl's number u32   16 argument u64
     *  24 bytes that follow u32   28 room for the answer's u32
     * </pre>
     *
     * @return whether the answer is there; else it will be given later
     */
    boolean control(Request request, Reply reply, SlowAnswers slowly) throws IOException {
        long handle = request.nextLong();
        request.skip(4);
        int number = request.nextInt();
        request.skip(16);
        if (number == IoctlFormat.CLONE_RANGE) {
            var clone = RangeSharing.Clone.read(request, handle);
            return slowly.answer(16, answer -> {
                sharing.clone(clone);
                putResult(answer);
            });
        }
        if (number == IoctlFormat.DEDUPE_RANGE) {
            var dedupe = RangeSharing.Dedupe.read(request, handle);
            return slowly.answer(16 + IoctlFormat.DEDUPE_BYTES, answer -> {
                RangeSharing.Verdict verdict = sharing.dedupe(dedupe);
                putResult(answer);
                dedupe.put(answer, verdict);
            });
        }
        controlAtOnce(number, request, reply);
        return true;
    }

    private void controlAtOnce(int number, Request request, Reply reply) throws IOException {
        long ino = request.node();
        if (number == IoctlFormat.GET_FLAGS) {
            putResult(reply);
            reply.put(translated(flagsOf(ino), FLAG_IMMUTABLE, FLAG_APPEND_ONLY));
        } else if (number == IoctlFormat.SET_FLAGS) {
            setFlags(request, request.nextInt(), FLAG_IMMUTABLE, FLAG_APPEND_ONLY);
            putResult(reply);
        } else if (number == IoctlFormat.GET_EXTENDED_FLAGS) {
            putResult(reply);
            reply.put(translated(flagsOf(ino), EXTENDED_FLAG_IMMUTABLE, EXTENDED_FLAG_APPEND_ONLY));
            reply.putZeros(IoctlFormat.EXTENDED_FLAGS_BYTES - Integer.BYTES);
        } else if (number == IoctlFormat.SET_EXTENDED_FLAGS) {
            setFlags(request, request.nextInt(), EXTENDED_FLAG_IMMUTABLE, EXTENDED_FLAG_APPEND_ONLY);
            putResult(reply);
        } else if (number == IoctlFormat.SHUT_DOWN) {
            if (!request.isByRoot()) {
                throw new VfsException(Errno.EPERM, "only root shuts down");
            }
            vfs.shutDown();
            putResult(reply);
            reply.put(0);
        } else {
            throw new VfsException(Errno.ENOTTY, "no such ioctl").with("number", number);
        }
    }

    /** Result i32, flags u32, two counts u32; then the ioctl's own answer. */
    private static void putResult(Reply reply) {
        reply.putZeros(16);
    }

    private int flagsOf(long ino) throws IOException {
        return vfs.getAttributes(ino).flags();
    }

    private static int translated(int flags, int immutable, int appendOnly) {
        return ((flags & InodeRecord.FLAG_IMMUTABLE) != 0 ? immutable : 0)
                | ((flags & InodeRecord.FLAG_APPEND_ONLY) != 0 ? appendOnly : 0);
    }

    private void setFlags(Request request, int wanted, int immutable, int appendOnly) throws IOException {
        if (!request.isByRoot()) {
            throw new VfsException(Errno.EPERM, "only root sets flags");
        }
        if ((wanted & ~(immutable | appendOnly)) != 0) {
            throw new VfsException(Errno.EOPNOTSUPP, "no such flag").with("flags", wanted);
        }
        vfs.setFlags(
                Caller.ROOT,
                request.node(),
                ((wanted & immutable) != 0 ? InodeRecord.FLAG_IMMUTABLE : 0)
                        | ((wanted & appendOnly) != 0 ? InodeRecord.FLAG_APPEND_ONLY : 0));
    }
}
