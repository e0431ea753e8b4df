package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;
import static samepage.cli.TargetFailure.made;
import static samepage.cli.TargetFailure.write;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.volume.InodeRecord;

/** Copies one regular file out of a volume: its content with its holes, then its attributes. */
final class FileExport implements AutoCloseable {
    private static final long BUFFER_BYTES = 2 << 20;
    private static final int PERMISSIONS_MEANWHILE = 0600;
    private static final Set<OpenFlag> TO_READ = Set.of(OpenFlag.READ);

    private final OpenVolume volume;
    private final Progress progress;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 4096);

    FileExport(OpenVolume volume, Progress progress) {
        this.volume = volume;
        this.progress = progress;
    }

    void copy(HostDirectory directory, byte[] name, InodeRecord inode, ExportedAttributes attributes)
            throws IOException {
        try (var source = volume.vfs().open(PRIVILEGED, inode.ino(), TO_READ);
                var target = made(() -> directory.createFile(name, PERMISSIONS_MEANWHILE))) {
            try {
                copyContent(source, inode.sizeBytes(), target);
            } catch (Throwable e) {
                unlinkAfter(e, directory, name);
                throw e;
            }
            attributes.set(target, inode);
        }
    }

    /** A file that is not whole must not be taken for one that is. */
    private static void unlinkAfter(Throwable failure, HostDirectory directory, byte[] name) {
        try {
            directory.unlink(name);
        } catch (VfsException e) {
            failure.addSuppressed(e);
        }
    }

    private void copyContent(OpenFile source, long sizeBytes, HostFile target) throws IOException {
        var position = 0L;
        while (position < sizeBytes) {
            var data = nextData(source, position, sizeBytes);
            progress.addBytes(data - position);
            position = data;
            if (position < sizeBytes) {
                position = copyData(source, position, Math.min(sizeBytes, source.seekHole(position)), target);
            } else {
                write(() -> target.truncate(sizeBytes));
            }
        }
    }

    private static long nextData(OpenFile source, long position, long sizeBytes) throws IOException {
        try {
            return Math.min(sizeBytes, source.seekData(position));
        } catch (VfsException e) {
            if (e.errno() == Errno.ENXIO) {
                return sizeBytes;
            }
            throw e;
        }
    }

    private long copyData(OpenFile source, long start, long end, HostFile target) throws IOException {
        var position = start;
        while (position < end) {
            Interruption.check();
            var bytes = source.read(position, buffer.asSlice(0, Math.min(BUFFER_BYTES, end - position)));
            if (bytes == 0) {
                throw new VfsException(Errno.EIO, "the file ends before its size").with("inode", source.ino());
            }
            var offset = position;
            write(() -> target.write(buffer.asSlice(0, bytes), offset));
            position += bytes;
            progress.addBytes(bytes);
        }
        return position;
    }

    @Override
    public void close() {
        arena.close();
    }
}
