package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;
import static samepage.cli.SourceFailure.reading;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostStat;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;

/** Copies one regular file: its content with its holes, then its attributes. */
final class FileImport implements AutoCloseable {
    private static final long BUFFER_BYTES = 2 << 20;
    private static final int TRIES = 3;
    private static final Set<OpenFlag> TO_WRITE = Set.of(OpenFlag.WRITE);
    /** Until it is complete: nobody but its owner reads it. */
    private static final int PERMISSIONS_MEANWHILE = 0600;

    private final Vfs vfs;
    private final ImportedAttributes attributes;
    private final Progress progress;
    private final LeftOut leftOut;
    private final ImportCounts counts;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 4096);

    FileImport(Vfs vfs, ImportedAttributes attributes, Progress progress, LeftOut leftOut, ImportCounts counts) {
        this.vfs = vfs;
        this.attributes = attributes;
        this.progress = progress;
        this.leftOut = leftOut;
        this.counts = counts;
    }

    /** Copies the file; gives its inode. What has the name gives way once the copy is complete. */
    long copy(HostFile source, HostStat stat, long directory, byte[] name, boolean replaces) throws IOException {
        return replaces
                ? copyInPlaceOfOther(source, stat, directory, name)
                : copyUnderName(source, stat, directory, name);
    }

    private long copyUnderName(HostFile source, HostStat stat, long directory, byte[] name) throws IOException {
        try (var target = vfs.createAndOpen(PRIVILEGED, directory, name, PERMISSIONS_MEANWHILE, TO_WRITE)) {
            try {
                copyUntilUnchanged(source, stat, target);
            } catch (Throwable e) {
                unlinkAfter(e, directory, name);
                throw e;
            }
            return target.ino();
        }
    }

    private void unlinkAfter(Throwable failure, long directory, byte[] name) {
        try {
            vfs.unlink(PRIVILEGED, directory, name);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private long copyInPlaceOfOther(HostFile source, HostStat stat, long directory, byte[] name) throws IOException {
        try (var target = vfs.openUnnamed(PRIVILEGED, directory, PERMISSIONS_MEANWHILE, TO_WRITE)) {
            copyUntilUnchanged(source, stat, target);
            vfs.unlink(PRIVILEGED, directory, name);
            vfs.link(PRIVILEGED, target, directory, name);
            return target.ino();
        }
    }

    private void copyUntilUnchanged(HostFile source, HostStat stat, OpenFile target) throws IOException {
        var before = stat;
        for (var tries = 1; ; tries++) {
            var sizeBytes = copyContent(source, before.sizeBytes(), target);
            var after = reading(source::stat);
            var isUnchanged = sizeBytes == after.sizeBytes()
                    && before.modified().equals(after.modified())
                    && before.changed().equals(after.changed());
            if (!isUnchanged && tries < TRIES) {
                target.truncate(0);
                progress.addBytes(-sizeBytes);
                before = after;
                continue;
            }
            attributes.set(source, before, target.ino());
            counts.logicalBytes += sizeBytes;
            counts.copiedBytes += sizeBytes;
            if (!isUnchanged) {
                leftOut.add(source.path(), "changed while it was read; imported as it was read");
            }
            return;
        }
    }

    /** Copies at most {@code sizeBytes}; gives the size of what was there. */
    private long copyContent(HostFile source, long sizeBytes, OpenFile target) throws IOException {
        if (sizeBytes == 0) {
            return 0;
        }
        var position = 0L;
        while (position < sizeBytes) {
            var from = position;
            var hole = reading(() -> source.seekHole(from));
            var dataEnd = hole == HostFile.NOWHERE ? sizeBytes : Math.min(hole, sizeBytes);
            if (dataEnd > position) {
                var end = copyData(source, position, dataEnd, target);
                if (end < dataEnd) {
                    return end;
                }
                position = end;
            }
            if (position < sizeBytes) {
                var to = position;
                var data = reading(() -> source.seekData(to));
                var holeEnd = data == HostFile.NOWHERE ? sizeBytes : Math.min(data, sizeBytes);
                progress.addBytes(holeEnd - position);
                if (holeEnd == sizeBytes) {
                    target.truncate(sizeBytes);
                }
                position = holeEnd;
            }
        }
        return sizeBytes;
    }

    /** Copies a range without holes; gives its end, which is nearer where the file has become shorter. */
    private long copyData(HostFile source, long start, long end, OpenFile target) throws IOException {
        var position = start;
        while (position < end) {
            Interruption.check();
            var offset = position;
            var wanted = buffer.asSlice(0, Math.min(BUFFER_BYTES, end - position));
            var bytes = reading(() -> source.read(wanted, offset));
            if (bytes == 0) {
                return position;
            }
            write(target, position, buffer.asSlice(0, bytes));
            position += bytes;
            progress.addBytes(bytes);
        }
        return position;
    }

    private static void write(OpenFile target, long offset, MemorySegment data) throws IOException {
        var written = 0L;
        while (written < data.byteSize()) {
            var bytes = target.write(offset + written, data.asSlice(written));
            if (bytes <= 0) {
                throw new VfsException(Errno.ENOSPC, "no space is left for the volume");
            }
            written += bytes;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
