package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.fuse.OpenFiles.Handle;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.Vfs;

/**
 * Clone and dedupe for programs. One file is the one they ask by; the other they name by its inode number, for their
 * descriptors mean nothing here. A number alone opens nothing: the other file too must be open by the same user, in the way
 * that the kernel would ask for; of a dedupe's target it suffices to be the owner. Root may do both.
 *
 * <p>The kernel has pages that programs have stored to and that it has not told of (race 33). They are written back first.
 * Those that become so while a dedupe compares are looked for after it: where there were any the verdict may be that of a
 * moment that never was, and it is sought again.
 */
final class RangeSharing {
    private static final int MOST_TRIES = 5;
    private static final int SAME = 0;
    private static final int DIFFERS = 1;

    private final Served served;
    private final Vfs vfs;
    private final OpenFiles files;
    private final Privileges privileges;

    RangeSharing(Served served) {
        this.served = served;
        this.vfs = served.vfs();
        this.files = served.files();
        this.privileges = new Privileges(served);
    }

    /**
     * As struct file_clone_range.
     *
     * <pre>
     *   0 source inode u64   8 its offset u64   16 length u64, 0 for up to its end   24 target offset u64
     * </pre>
     */
    record Clone(Asker asker, long targetHandle, long source, long sourceOffset, long length, long targetOffset) {
        static Clone read(Request request, long targetHandle) {
            return new Clone(
                    request.asker(),
                    targetHandle,
                    request.nextLong(),
                    request.nextLong(),
                    request.nextLong(),
                    request.nextLong());
        }
    }

    /**
     * As struct file_dedupe_range with one target.
     *
     * <pre>
     *   0 source offset u64   8 length u64   16 count u16, 1   18 reserved u16, u32
     *  24 target inode u64   32 its offset u64   40 bytes deduped u64   48 status i32   52 reserved u32
     * </pre>
     */
    record Dedupe(int uid, long sourceHandle, long sourceOffset, long length, long target, long targetOffset) {
        static Dedupe read(Request request, long sourceHandle) throws VfsException {
            long sourceOffset = request.nextLong();
            long length = request.nextLong();
            if (request.nextLong() != 1) {
                throw new VfsException(Errno.EINVAL, "one target, and what is reserved is zero");
            }
            long target = request.nextLong();
            long targetOffset = request.nextLong();
            return new Dedupe(request.uid(), sourceHandle, sourceOffset, length, target, targetOffset);
        }

        void put(Reply reply, Verdict verdict) {
            reply.put(sourceOffset).put(length).put(1L).put(target).put(targetOffset);
            reply.put(verdict.bytes).put(verdict.status).put(0);
        }
    }

    /** @param status 0 the same, 1 different, else a negated error number */
    record Verdict(long bytes, int status) {}

    void clone(Clone request) throws IOException {
        Handle target = files.get(request.targetHandle);
        if (!target.writable()) {
            throw new VfsException(Errno.EBADF, "the target is not open for writing");
        }
        if (request.asker.uid() != 0 && !files.isOpenBy(request.asker.uid(), request.source, false)) {
            throw new VfsException(Errno.EPERM, "the source is not open for reading").with("inode", request.source);
        }
        long ino = target.file().ino();
        flush(request.source);
        flush(ino);
        privileges.drop(request.asker, target.file().attributes(), request.asker.uid() != 0);
        long endBefore = target.file().attributes().sizeBytes();
        cloneRange(request, ino);
        tellNewEnd(request, target.file(), endBefore);
        // The clone has other content than the pages that programs may have had read in again meanwhile.
        served.kernelCache().flushPages(ino, request.targetOffset, 0);
    }

    private void cloneRange(Clone request, long target) throws IOException {
        vfs.cloneRange(Caller.ROOT, request.source, request.sourceOffset, target, request.targetOffset, request.length);
    }

    /**
     * A target that has become longer ends, for the kernel, where it did before: it would append there, and fault past it. It
     * takes a new end with content alone, so it is given the last byte. A program that stored another meanwhile has lost it,
     * which is as if it had stored before: for it is cloned once more, and this is when the clone is made.
     */
    private void tellNewEnd(Clone request, OpenFile target, long endBefore) throws IOException {
        long known = endBefore;
        for (long end = target.attributes().sizeBytes();
                end > known;
                end = target.attributes().sizeBytes()) {
            var last = new byte[1];
            target.read(end - 1, MemorySegment.ofArray(last));
            served.kernelCache().storePages(target.ino(), end - 1, last);
            cloneRange(request, target.ino());
            known = end;
        }
    }

    Verdict dedupe(Dedupe request) throws IOException {
        Handle source = files.get(request.sourceHandle);
        if (!source.readable()) {
            throw new VfsException(Errno.EINVAL, "the source is not open for reading");
        }
        try {
            checkMayBeDeduped(request);
            Verdict verdict = dedupe(source.file().ino(), request);
            served.kernelCache()
                    .invalidateAttributes(request.target); // a hole may have become blocks, or the other way round
            return verdict;
        } catch (VfsException e) {
            return new Verdict(0, -e.errno().number());
        }
    }

    private void checkMayBeDeduped(Dedupe request) throws IOException {
        boolean may = request.uid == 0
                || vfs.getAttributes(request.target).uid() == request.uid
                || files.isOpenBy(request.uid, request.target, true);
        if (!may) {
            throw new VfsException(Errno.EPERM, "the target is another's").with("inode", request.target);
        }
    }

    private Verdict dedupe(long source, Dedupe request) throws IOException {
        for (int tries = 1; ; tries++) {
            flush(source);
            flush(request.target);
            try (var stores = files.watchWrites(source, request.target)) {
                RemapOutcome outcome = vfs.dedupe(
                        Caller.ROOT,
                        source,
                        request.sourceOffset,
                        request.target,
                        request.targetOffset,
                        request.length,
                        RemapOptions.DEFAULT);
                if (outcome instanceof RemapOutcome.Differs) {
                    return new Verdict(0, DIFFERS);
                }
                flush(source);
                flush(request.target);
                if (outcome instanceof RemapOutcome.Same same && (!stores.seen() || tries == MOST_TRIES)) {
                    return stores.seen() ? new Verdict(0, DIFFERS) : new Verdict(same.dedupedBytes(), SAME);
                }
            }
        }
    }

    private void flush(long ino) throws IOException {
        if (files.isOpenForWriting(ino)) {
            served.kernelCache().flushPages(ino, 0, 0);
        }
    }
}
