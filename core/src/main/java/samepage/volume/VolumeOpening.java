package samepage.volume;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;
import samepage.block.FileBlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** How a directory becomes a volume, and an open one: what is done in which order, and undone where a step fails. */
final class VolumeOpening {
    /** Left to others on the host, and to the volume's own metadata. */
    private static final long HEADROOM_BYTES = 64L << 20;

    private VolumeOpening() {}

    /** See {@link Volume#create}. */
    static Volume create(Path directory, VolumeOptions options) throws IOException {
        var files = new VolumeFiles(directory);
        files.prepareCreation();
        VolumeLock lock = VolumeLock.take(files.lock(), false);
        try {
            files.beginCreation();
            var superblock = Superblock.create(options.blockSize());
            try (var device = openDevice(files, options.blockSize(), options);
                    var store = options.stores().open(files.metadata(), false)) {
                format(device, store, superblock);
            }
            files.endCreation(superblock);
        } catch (Throwable e) {
            closeAll(e, lock);
            throw e;
        }
        return open(files, options, lock);
    }

    /** See {@link Volume#open}. */
    static Volume open(Path directory, VolumeOptions options) throws IOException {
        var files = new VolumeFiles(directory);
        files.readSuperblock();
        return open(files, options, VolumeLock.take(files.lock(), options.readOnly()));
    }

    private static Volume open(VolumeFiles files, VolumeOptions options, VolumeLock lock) throws IOException {
        BlockDevice device = null;
        MetadataStore store = null;
        CommitMark mark = null;
        try {
            Superblock superblock = files.readSuperblock();
            device = openDevice(files, superblock.blockSize(), options);
            checkLabel(device, superblock, files.directory());
            store = options.stores().open(files.metadata(), options.readOnly());
            VfsException lost = CommitMark.lost(files.commits(), Commits.numberIn(store));
            if (!options.readOnly()) {
                if (lost != null) {
                    throw lost;
                }
                mark = CommitMark.open(files.commits());
            }
            var parts = new VolumeParts(device, store, lock, mark, lost);
            return new Volume(parts, options.readOnly(), options.commitInterval(), HEADROOM_BYTES);
        } catch (Throwable e) {
            closeAll(e, store, mark, device, lock);
            throw e;
        }
    }

    private static BlockDevice openDevice(VolumeFiles files, int blockSize, VolumeOptions options) throws IOException {
        return FileBlockDevice.open(
                files.data(),
                blockSize,
                options.hostSpaces().open(files.data()),
                options.readOnly(),
                options.directReads());
    }

    /** Writes the first block and the first records. */
    static void format(BlockDevice device, MetadataStore store, Superblock superblock) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment label = arena.allocate(device.blockSize(), device.blockSize());
            MemorySegment.copy(superblock.encode(), 0, label, ValueLayout.JAVA_BYTE, 0, Superblock.LENGTH);
            device.write(0, label);
        }
        device.flush();
        Timestamp now = Timestamp.now();
        var root = new InodeRecord(
                Volume.ROOT,
                FileType.DIRECTORY.modeBits() | 0755,
                0,
                0,
                2,
                0,
                0,
                0,
                0,
                Volume.ROOT,
                now,
                now,
                now,
                now);
        var records = new Overlay(0);
        records.put(RecordKey.of(RecordKey.INODE, Volume.ROOT), InodeFormat.encode(root));
        var accounting = new SpaceUsage.Format(new SpaceUsage(0, 0, 0, 1), Volume.ROOT + 1, 1);
        records.put(RecordKey.of(RecordKey.ACCOUNTING), accounting.encode());
        store.apply(records.records);
    }

    private static void checkLabel(BlockDevice device, Superblock superblock, Path directory) throws IOException {
        byte[] label = new byte[Superblock.LENGTH];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(device.blockSize(), device.blockSize());
            device.read(0, block);
            MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, label, 0, Superblock.LENGTH);
        }
        if (!Arrays.equals(label, superblock.encode())) {
            throw new VfsException(
                    Errno.EUCLEAN,
                    "the data file does not belong to this volume, or its first block is damaged: " + directory);
        }
    }

    /** Closes the parts in order, all of them; throws the first failure where {@code reason} is not failure enough. */
    static void closeAll(@Nullable Throwable reason, @Nullable AutoCloseable... parts) throws IOException {
        Throwable first = reason;
        for (AutoCloseable part : parts) {
            try {
                if (part != null) {
                    part.close();
                }
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (reason == null && first != null) {
            throw first instanceof IOException io ? io : new IOException(first);
        }
    }
}
