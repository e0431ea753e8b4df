package samepage.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import samepage.linux.syscall.HugePages;
import samepage.linux.syscall.LinuxHostSpace;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.rocksdb.RocksDbMetadataStore;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.volume.Volume;
import samepage.volume.VolumeOptions;

/** A volume on disk, as the command line opens it. */
final class DiskVolume implements AutoCloseable {
    private static final Set<OpenFlag> TO_READ_AND_WRITE = Set.of(OpenFlag.READ, OpenFlag.WRITE);

    private final Path directory;
    private final Vfs vfs;

    private DiskVolume(Path directory, Volume volume, long cacheBytes) throws IOException {
        this.directory = directory;
        this.vfs =
                Vfs.mount(volume, VfsOptions.DEFAULT.withCacheBytes(cacheBytes).withMemory(HugePages::of));
    }

    static DiskVolume create(Path directory, long cacheBytes) throws IOException {
        return new DiskVolume(directory, Volume.create(directory, options()), cacheBytes);
    }

    static DiskVolume open(Path directory, long cacheBytes) throws IOException {
        return new DiskVolume(directory, Volume.open(directory, options()), cacheBytes);
    }

    private static VolumeOptions options() {
        return VolumeOptions.of(
                (directory, readOnly) -> RocksDbMetadataStore.open(
                        directory,
                        readOnly ? RocksDbMetadataStore.Options.reading() : RocksDbMetadataStore.Options.creating()),
                LinuxHostSpace::of);
    }

    Vfs vfs() {
        return vfs;
    }

    /** What the metadata store takes on its host. */
    long metadataBytes() throws IOException {
        try (var files = Files.list(directory.resolve("metadata"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    OpenFile createFile(String name) throws IOException {
        return createFile(Volume.ROOT, name);
    }

    OpenFile createFile(long parent, String name) throws IOException {
        return vfs.createAndOpen(Caller.ROOT, parent, name.getBytes(UTF_8), 0644, TO_READ_AND_WRITE);
    }

    OpenFile openFile(String name) throws IOException {
        long ino = vfs.lookup(Caller.ROOT, Volume.ROOT, name.getBytes(UTF_8)).ino();
        return vfs.open(Caller.ROOT, ino, TO_READ_AND_WRITE);
    }

    void remove(String name) throws IOException {
        vfs.unlink(Caller.ROOT, Volume.ROOT, name.getBytes(UTF_8));
    }

    /** Dedupes the first {@code bytes} of two files; what is not SAME is a bug here. */
    void dedupe(OpenFile source, OpenFile target, long bytes, RemapOptions how) throws IOException {
        var outcome = vfs.dedupe(Caller.ROOT, source.ino(), 0, target.ino(), 0, bytes, how);
        if (!(outcome instanceof RemapOutcome.Same same && same.dedupedBytes() == bytes)) {
            throw new IllegalStateException("found to differ");
        }
    }

    /** Makes the target a clone of the source. */
    void cloneAll(OpenFile source, OpenFile target) throws IOException {
        cloneRange(source, 0, target, 0, 0);
    }

    void cloneRange(OpenFile source, long sourceOffset, OpenFile target, long targetOffset, long bytes)
            throws IOException {
        vfs.cloneRange(Caller.ROOT, source.ino(), sourceOffset, target.ino(), targetOffset, bytes);
    }

    @Override
    public void close() throws IOException {
        vfs.close();
    }
}
