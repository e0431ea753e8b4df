package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;
import samepage.block.MemoryBlockDevice;
import samepage.volume.InodeRecord;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.MetadataStore;
import samepage.volume.Volume;

/** A volume in memory, mounted; it outlives its mounts. Closing it mounts once more and asks for a clean audit. */
final class TestMount implements AutoCloseable {
    static final Set<OpenFlag> READ_WRITE = EnumSet.of(OpenFlag.READ, OpenFlag.WRITE);

    private final MemoryBlockDevice device;
    private final MemoryMetadataStore store;
    private final VfsOptions options;
    private final Interposer interposer;
    private Vfs vfs;

    TestMount() throws IOException {
        this(4096, VfsOptions.DEFAULT.withCacheBytes(32L << 20));
    }

    TestMount(int blockSize, VfsOptions options) throws IOException {
        this(new MemoryBlockDevice(blockSize), options);
    }

    TestMount(MemoryBlockDevice device, VfsOptions options) throws IOException {
        this(device, options, Interposer.NONE);
    }

    private TestMount(MemoryBlockDevice device, VfsOptions options, Interposer interposer) throws IOException {
        this.device = device;
        this.store = new MemoryMetadataStore();
        this.options = options;
        this.interposer = interposer;
        this.vfs = Vfs.mount(
                Volume.createOn(new KeptDevice(device, interposer), new KeptStore(store, interposer)), options);
    }

    private TestMount(MemoryBlockDevice device, MemoryMetadataStore store, VfsOptions options) throws IOException {
        this.device = device;
        this.store = store;
        this.options = options;
        this.interposer = Interposer.NONE;
        this.vfs = mount();
    }

    /** A mount over a device and a store that take a moment now and then: races have time to happen. */
    static TestMount withDelays(int blockSize, VfsOptions options) throws IOException {
        return new TestMount(new MemoryBlockDevice(blockSize), options, Interposer.DELAYS);
    }

    /** A mount over a device and a store that others look on. */
    static TestMount interposed(MemoryBlockDevice device, VfsOptions options, Interposer interposer)
            throws IOException {
        return new TestMount(device, options, interposer);
    }

    enum Call {
        READ,
        WRITE,
        LOOKUP,
        APPLY,
        USABLE,
        OTHER
    }

    /** Stands between the volume and what lies below it. */
    interface Interposer {
        Interposer NONE = new Interposer() {};

        Interposer DELAYS = new Interposer() {
            @Override
            public void before(Call call) {
                if (ThreadLocalRandom.current().nextInt(16) == 0) {
                    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(2_000_000));
                }
            }
        };

        default void before(Call call) {}

        default void after(Call call) {}
    }

    Vfs vfs() {
        return vfs;
    }

    /** What a crash at this moment would leave, the host staying alive: what was committed, mounted anew. */
    TestMount afterCrash() throws IOException {
        // Metadata first: the blocks that it refers to were there before it.
        MemoryMetadataStore committed = store.copy();
        return new TestMount(device.copy(), committed, options);
    }

    /** Closes the mount and mounts again. */
    Vfs remount() throws IOException {
        vfs.close();
        vfs = mount();
        return vfs;
    }

    private Vfs mount() throws IOException {
        return Vfs.mount(Volume.openOn(new KeptDevice(device, interposer), new KeptStore(store, interposer)), options);
    }

    OpenFile openOrCreate(String path, OpenFlag... more) throws IOException {
        EnumSet<OpenFlag> flags = EnumSet.copyOf(READ_WRITE);
        flags.addAll(List.of(more));
        ParentAndName place = vfs.resolveParent(Caller.ROOT, bytes(path));
        try {
            InodeRecord found = vfs.lookup(Caller.ROOT, place.parent(), place.name());
            return vfs.open(Caller.ROOT, found.ino(), flags);
        } catch (samepage.errno.VfsException e) {
            return vfs.createAndOpen(Caller.ROOT, place.parent(), place.name(), 0644, flags);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Nothing is left over, nothing is missing. */
    void audit() throws IOException {
        vfs.sync();
        assertThat(vfs.volume().audit().problems()).isEmpty();
    }

    @Override
    public void close() throws IOException {
        audit();
        remount();
        audit();
        vfs.close();
    }

    /** A device that stays open. */
    private record KeptDevice(BlockDevice device, Interposer interposer) implements BlockDevice {
        @Override
        public int blockSize() {
            return device.blockSize();
        }

        @Override
        public long blockCount() {
            return device.blockCount();
        }

        @Override
        public void read(long blockIndex, MemorySegment target) throws IOException {
            interposer.before(Call.READ);
            device.read(blockIndex, target);
            interposer.after(Call.READ);
        }

        @Override
        public void write(long blockIndex, MemorySegment source) throws IOException {
            interposer.before(Call.WRITE);
            device.write(blockIndex, source);
            interposer.after(Call.WRITE);
        }

        @Override
        public void flush() throws IOException {
            interposer.before(Call.OTHER);
            device.flush();
            interposer.after(Call.OTHER);
        }

        @Override
        public void discard(long blockIndex, long blockCount) throws IOException {
            interposer.before(Call.OTHER);
            device.discard(blockIndex, blockCount);
            interposer.after(Call.OTHER);
        }

        @Override
        public long allocatedBytes() throws IOException {
            return device.allocatedBytes();
        }

        @Override
        public long usableBytes() throws IOException {
            interposer.before(Call.USABLE);
            return device.usableBytes();
        }

        @Override
        public void close() {}
    }

    /** A store that stays open. */
    private record KeptStore(MetadataStore store, Interposer interposer) implements MetadataStore {
        @Override
        public byte @Nullable [] get(byte[] key) throws IOException {
            interposer.before(Call.LOOKUP);
            byte[] value = store.get(key);
            interposer.after(Call.LOOKUP);
            return value;
        }

        @Override
        public Map.@Nullable Entry<byte[], byte[]> floor(byte[] highest, byte[] lowest) throws IOException {
            interposer.before(Call.LOOKUP);
            var found = store.floor(highest, lowest);
            interposer.after(Call.LOOKUP);
            return found;
        }

        @Override
        public Cursor scan(byte[] from, byte[] to) throws IOException {
            return store.scan(from, to);
        }

        @Override
        public void apply(SortedMap<byte[], byte[]> batch) throws IOException {
            interposer.before(Call.APPLY);
            store.apply(batch);
            interposer.after(Call.APPLY);
        }

        @Override
        public long allocatedBytes() throws IOException {
            return store.allocatedBytes();
        }

        @Override
        public void close() {}
    }
}
