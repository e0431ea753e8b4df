package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import samepage.block.MemoryBlockDevice;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.volume.Extent;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Volume;

/**
 * A volume in memory whose files a test writes and has deduplicated. After each run of the finder, and at the end, every
 * file is read from the device and must be as it was written, and the volume's records must agree.
 */
final class TestVolume implements AutoCloseable {
    private static final int BLOCK = 4096;

    final Vfs vfs;
    private final MemoryBlockDevice device = new MemoryBlockDevice(BLOCK);
    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private final Map<Long, byte[]> contents = new ConcurrentHashMap<>();
    private int names;

    TestVolume() throws IOException {
        vfs = Vfs.mount(Volume.createOn(device, store), VfsOptions.DEFAULT.withCacheBytes(64 << 20));
    }

    /** Makes a file in the root directory and gives its inode number. */
    long file(byte[] content) throws IOException {
        return file(Volume.ROOT, content);
    }

    long file(long directory, byte[] content) throws IOException {
        long ino = vfs.create(Caller.ROOT, directory, newName(), 0644).ino();
        write(ino, 0, content);
        return ino;
    }

    long directory(long parent) throws IOException {
        return vfs.mkdir(Caller.ROOT, parent, newName(), 0755).ino();
    }

    private byte[] newName() {
        return ("name" + names++).getBytes(StandardCharsets.UTF_8);
    }

    private OpenFile open(long ino) throws IOException {
        return vfs.open(Caller.ROOT, ino, EnumSet.of(OpenFlag.READ, OpenFlag.WRITE));
    }

    /** Writes, and waits for the device. */
    void write(long ino, long offset, byte[] bytes) throws IOException {
        try (var file = open(ino)) {
            for (int done = 0; done < bytes.length; ) {
                done += file.write(offset + done, MemorySegment.ofArray(bytes).asSlice(done));
            }
            file.fsync(false);
        }
        byte[] known = contents.getOrDefault(ino, new byte[0]);
        byte[] content = Arrays.copyOf(known, (int) Math.max(known.length, offset + bytes.length));
        System.arraycopy(bytes, 0, content, (int) offset, bytes.length);
        contents.put(ino, content);
    }

    void truncate(long ino, long bytes) throws IOException {
        try (var file = open(ino)) {
            file.truncate(bytes);
        }
        contents.put(ino, Arrays.copyOf(contents.getOrDefault(ino, new byte[0]), (int) bytes));
    }

    /** Writes to a file whose content is too long to be looked at. */
    void writeFarOut(long ino, long sizeBytes, long offset, byte[] bytes) throws IOException {
        try (var file = open(ino)) {
            file.truncate(sizeBytes);
            assertThat(file.write(offset, MemorySegment.ofArray(bytes))).isEqualTo(bytes.length);
            file.fsync(false);
        }
        contents.remove(ino);
    }

    void preallocate(long ino, long offset, long length) throws IOException {
        try (var file = open(ino)) {
            file.allocate(offset, length, true);
        }
    }

    void clone(long source, long target) throws IOException {
        vfs.cloneRange(Caller.ROOT, source, 0, target, 0, 0);
        contents.put(target, bytes(source));
    }

    private byte[] bytes(long ino) {
        return contents.getOrDefault(ino, new byte[0]).clone();
    }

    List<Extent> extents(long ino) throws IOException {
        return vfs.volume().extents(vfs.getAttributes(ino)).lookup(0, Long.MAX_VALUE);
    }

    WatchedTarget target() {
        return new WatchedTarget(VolumeDedupeTarget.of(vfs, Caller.ROOT));
    }

    WatchedTarget targetWithin(Collection<Long> roots) throws IOException {
        return new WatchedTarget(VolumeDedupeTarget.within(vfs, Caller.ROOT, roots));
    }

    FinderResult dedupe(DedupeTarget target, FinderOptions options) throws IOException {
        FinderResult result = new Finder(MemoryMetadataStore::new).run(target, options, FinderProgress.NONE);
        checkAll();
        return result;
    }

    long storedBlocks() throws IOException {
        vfs.sync();
        return vfs.volume().usage().storedBlocks();
    }

    /** Through a copy of the device, so that no page of this volume hides what the device has. */
    void checkAll() throws IOException {
        vfs.sync();
        try (var copy =
                Vfs.mount(Volume.openOn(device.copy(), store.copy()), VfsOptions.DEFAULT.withCacheBytes(16 << 20))) {
            assertThat(copy.volume().audit().problems()).isEmpty();
            for (var file : contents.entrySet()) {
                byte[] content = read(copy, file.getKey(), file.getValue().length);
                assertThat(Arrays.mismatch(content, file.getValue()))
                        .as("first difference: inode=%d", file.getKey())
                        .isEqualTo(-1);
            }
        }
    }

    private static byte[] read(Vfs from, long ino, int length) throws IOException {
        byte[] bytes = new byte[length];
        try (var file = from.open(Caller.ROOT, ino, EnumSet.of(OpenFlag.READ))) {
            assertThat(file.attributes().sizeBytes()).isEqualTo(length);
            assertThat(file.read(0, MemorySegment.ofArray(bytes))).isEqualTo(length);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        checkAll();
        vfs.close();
    }
}
