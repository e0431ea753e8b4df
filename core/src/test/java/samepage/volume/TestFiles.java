package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The least of a file system over a volume, with what each file should hold beside it: a stamp a block, from which the
 * block's bytes follow. Stamp 0 is a hole or a block that is only allocated.
 */
final class TestFiles {
    static final int PERMISSIONS = 0644;

    final Volume volume;

    /** What each file should hold, by inode number. */
    final TreeMap<Long, TestFile> files = new TreeMap<>();

    private final AtomicLong nextStamp = new AtomicLong(1);

    TestFiles(Volume volume) {
        this(volume, () -> {});
    }

    /** @param beforeClose runs as a transaction is closed, when the files are as they will be committed */
    TestFiles(Volume volume, Runnable beforeClose) {
        this.volume = volume;
        volume.setLazyRecords(sink -> {
            putDirty(sink);
            beforeClose.run();
        });
    }

    void putDirty(LazyRecords.Sink sink) {
        for (TestFile file : List.copyOf(files.values())) {
            if (file.dirty) {
                file.dirty = false;
                sink.put(file.toPut());
            }
        }
    }

    /** What all files should hold now. */
    Map<Long, Map<Long, Long>> content() {
        var content = new TreeMap<Long, Map<Long, Long>>();
        files.forEach((ino, file) -> content.put(ino, new TreeMap<>(file.stamps)));
        return content;
    }

    /** What all regular files of a volume hold, every block verified. */
    static Map<Long, Map<Long, Long>> contentOf(Volume volume) throws IOException {
        var content = new TreeMap<Long, Map<Long, Long>>();
        for (InodeRecord inode : volume.metadata().inodes(0, Integer.MAX_VALUE)) {
            if (inode.isRegular()) {
                content.put(inode.ino(), stampsOf(volume, volume.extents(inode)));
            }
        }
        return content;
    }

    private static final int MAX_FILES = 8;
    private static final int MAX_FILE_BLOCKS = 40;

    /** Does one thing. */
    void operate(Random random) throws IOException {
        if (files.isEmpty() || (files.size() < MAX_FILES && random.nextInt(8) == 0)) {
            create("file" + random.nextLong());
            return;
        }
        TestFile file = any(random);
        long from = random.nextInt(MAX_FILE_BLOCKS);
        int count = 1 + random.nextInt(random.nextBoolean() ? 3 : 12);
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3, 4 -> write(file, from, count);
            case 5 -> punch(file, from, from + count);
            case 6 -> truncate(file, from);
            case 7 -> preallocate(file, from, count);
            case 8 -> writePreallocated(file, from, from + count);
            case 9, 10 -> {
                TestFile target = any(random);
                long targetFrom = random.nextInt(MAX_FILE_BLOCKS);
                if (target != file || Math.abs(targetFrom - from) >= count) {
                    share(file, from, from + count, target, targetFrom);
                }
            }
            case 11 -> {
                if (random.nextBoolean() && file.record.sizeBytes() > (from + count) * volume.blockSize()) {
                    collapse(file, from, count);
                } else if (file.record.sizeBytes() < (long) MAX_FILE_BLOCKS * volume.blockSize()) {
                    insert(file, from, count);
                }
            }
            case 12 -> {
                unlink(file);
                if (file.names.isEmpty()) {
                    if (random.nextBoolean()) {
                        volume.commit();
                    }
                    free(file);
                }
            }
            default -> volume.commit();
        }
    }

    private TestFile any(Random random) {
        var all = List.copyOf(files.values());
        return all.get(random.nextInt(all.size()));
    }

    /** One file. */
    static final class TestFile {
        final long ino;
        final ExtentMap extents;
        final TreeMap<Long, Long> stamps = new TreeMap<>();
        final List<String> names = new ArrayList<>();
        InodeRecord record;
        boolean dirty;

        TestFile(InodeRecord record, ExtentMap extents) {
            this.ino = record.ino();
            this.record = record;
            this.extents = extents;
        }

        InodeRecord toPut() {
            record = record.withMappedBlocks(extents.mappedBlocks());
            return record;
        }
    }

    static InodeRecord inode(long ino, FileType type, int links, long sizeBytes, long parent) {
        var at = new Timestamp(1, 0);
        return new InodeRecord(
                ino, type.modeBits() | PERMISSIONS, 0, 0, links, 0, sizeBytes, 0, 0, parent, at, at, at, at);
    }

    static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    TestFile create(String name) throws IOException {
        try (var transaction = volume.begin()) {
            var record = inode(transaction.newInode(), FileType.REGULAR, 1, 0, 0);
            transaction.putInode(record);
            transaction.putEntry(Volume.ROOT, bytes(name), record.ino(), FileType.REGULAR);
            transaction.complete();
            var file = new TestFile(record, volume.extents(record));
            file.names.add(name);
            files.put(file.ino, file);
            return file;
        }
    }

    long createDirectory(long parent, String name) throws IOException {
        try (var transaction = volume.begin()) {
            long ino = transaction.newInode();
            transaction.putInode(inode(ino, FileType.DIRECTORY, 2, 0, parent));
            transaction.putEntry(parent, bytes(name), ino, FileType.DIRECTORY);
            var above = java.util.Objects.requireNonNull(volume.metadata().inode(parent));
            transaction.putInode(above.withLinkCount(above.linkCount() + 1));
            transaction.complete();
            return ino;
        }
    }

    long createSymlink(long parent, String name, String target) throws IOException {
        try (var transaction = volume.begin()) {
            long ino = transaction.newInode();
            transaction.putInode(inode(ino, FileType.SYMBOLIC_LINK, 1, bytes(target).length, 0));
            transaction.putSymlinkTarget(ino, bytes(target));
            transaction.putEntry(parent, bytes(name), ino, FileType.SYMBOLIC_LINK);
            transaction.complete();
            return ino;
        }
    }

    void link(TestFile file, String name) throws IOException {
        try (var transaction = volume.begin()) {
            file.names.add(name);
            file.record = file.record.withLinkCount(file.names.size());
            transaction.putEntry(Volume.ROOT, bytes(name), file.ino, FileType.REGULAR);
            transaction.putInode(file.toPut());
            transaction.complete();
        }
    }

    void unlink(TestFile file) throws IOException {
        try (var transaction = volume.begin()) {
            transaction.removeEntry(Volume.ROOT, bytes(file.names.removeLast()));
            file.record = file.record.withLinkCount(file.names.size());
            if (file.names.isEmpty()) {
                transaction.putOrphan(file.ino);
            }
            transaction.putInode(file.toPut());
            transaction.complete();
        }
    }

    /** Frees a file that has no name. */
    void free(TestFile file) throws IOException {
        for (long left = 0; left < Long.MAX_VALUE; ) {
            try (var transaction = volume.begin()) {
                left = file.extents.unmap(transaction, left, Long.MAX_VALUE);
                clear(file, 0, left);
                transaction.putInode(file.toPut());
                if (left == Long.MAX_VALUE) {
                    transaction.removeOrphan(file.ino);
                    transaction.removeInode(file.ino);
                    files.remove(file.ino);
                    file.dirty = false;
                }
                transaction.complete();
            }
        }
    }

    /** Frees what a crash has left without a name. */
    void freeOrphans() throws IOException {
        for (long ino : volume.metadata().orphans()) {
            free(open(ino));
        }
    }

    /** Takes a file of an opened volume in; what it holds is not known. */
    TestFile open(long ino) throws IOException {
        var record = java.util.Objects.requireNonNull(volume.metadata().inode(ino));
        var file = new TestFile(record, volume.extents(record));
        files.put(ino, file);
        return file;
    }

    void write(TestFile file, long fileBlock, int count) throws IOException {
        volume.promise(count);
        List<PhysicalRun> runs = volume.allocate(count);
        var sums = new ArrayList<Checksum[]>();
        var stamps = new TreeMap<Long, Long>();
        long block = fileBlock;
        for (PhysicalRun run : runs) {
            sums.add(writeStamped(block, run, stamps));
            block += run.blockCount();
        }
        try (var transaction = volume.begin()) {
            file.stamps.putAll(stamps);
            block = fileBlock;
            for (int i = 0; i < runs.size(); i++) {
                transaction.reference(runs.get(i));
                transaction.recordChecksums(runs.get(i).start(), sums.get(i));
                file.extents.map(transaction, block, runs.get(i), true);
                block += runs.get(i).blockCount();
            }
            grow(file, fileBlock + count);
            transaction.complete();
        }
        volume.redeem(count, count);
    }

    private Checksum[] writeStamped(long fileBlock, PhysicalRun run, Map<Long, Long> stamps) throws IOException {
        var data = MemorySegment.ofArray(new byte[(int) run.blockCount() * volume.blockSize()]);
        for (int i = 0; i < run.blockCount(); i++) {
            long stamp = nextStamp.getAndIncrement();
            stamps.put(fileBlock + i, stamp);
            fill(data.asSlice((long) i * volume.blockSize(), volume.blockSize()), stamp);
        }
        return volume.write(run, data);
    }

    private void grow(TestFile file, long endBlock) {
        file.record = file.record.withSize(Math.max(file.record.sizeBytes(), endBlock * volume.blockSize()));
        file.dirty = true;
    }

    void preallocate(TestFile file, long fileBlock, int count) throws IOException {
        volume.promise(count);
        List<PhysicalRun> runs = volume.allocate(count);
        try (var transaction = volume.begin()) {
            long block = fileBlock;
            for (PhysicalRun run : runs) {
                transaction.reference(run);
                file.extents.map(transaction, block, run, false);
                block += run.blockCount();
            }
            clear(file, fileBlock, fileBlock + count);
            file.record = file.record.withFlags(file.record.flags() | InodeRecord.FLAG_PREALLOCATED);
            file.dirty = true;
            transaction.complete();
        }
        volume.redeem(count, count);
    }

    /** Writes where blocks are allocated only. */
    void writePreallocated(TestFile file, long from, long to) throws IOException {
        for (Extent extent : file.extents.lookup(from, to)) {
            if (!extent.written()) {
                var run = new PhysicalRun(extent.physicalBlock(), extent.blockCount());
                var stamps = new TreeMap<Long, Long>();
                Checksum[] sums = writeStamped(extent.fileBlock(), run, stamps);
                try (var transaction = volume.begin()) {
                    file.stamps.putAll(stamps);
                    transaction.recordChecksums(run.start(), sums);
                    file.extents.markWritten(transaction, extent.fileBlock(), extent.endBlock());
                    grow(file, extent.endBlock());
                    transaction.complete();
                }
            }
        }
    }

    void punch(TestFile file, long from, long to) throws IOException {
        for (long left = from; left < to; ) {
            try (var transaction = volume.begin()) {
                left = file.extents.unmap(transaction, left, to);
                file.dirty = true;
                clear(file, from, left);
                transaction.complete();
            }
        }
    }

    void truncate(TestFile file, long blocks) throws IOException {
        try (var transaction = volume.begin()) {
            for (long left = blocks; left < Long.MAX_VALUE; ) {
                left = file.extents.unmap(transaction, left, Long.MAX_VALUE);
            }
            file.record = file.record.withSize(blocks * volume.blockSize());
            file.dirty = true;
            clear(file, blocks, Long.MAX_VALUE);
            transaction.complete();
        }
    }

    void share(TestFile source, long from, long to, TestFile target, long targetFrom) throws IOException {
        List<Extent> extents = source.extents.lookup(from, to);
        var stamps = new TreeMap<>(source.stamps.subMap(from, to));
        try (var transaction = volume.begin()) {
            target.extents.share(transaction, extents, from, to, targetFrom);
            grow(target, targetFrom + (to - from));
            clear(target, targetFrom, targetFrom + (to - from));
            stamps.forEach((block, stamp) -> target.stamps.put(targetFrom + (block - from), stamp));
            transaction.complete();
        }
    }

    /** Moves what lies from {@code from} on down by {@code blocks}, over what is there. */
    void collapse(TestFile file, long from, long blocks) throws IOException {
        try (var transaction = volume.begin()) {
            file.extents.unmap(transaction, from, from + blocks);
            file.extents.shift(transaction, from + blocks, -blocks);
            file.record = file.record.withSize(Math.max(0, file.record.sizeBytes() - blocks * volume.blockSize()));
            file.dirty = true;
            transaction.complete();
        }
        clear(file, from, from + blocks);
        move(file, from + blocks, -blocks);
    }

    /** Moves what lies from {@code from} on up by {@code blocks}. */
    void insert(TestFile file, long from, long blocks) throws IOException {
        try (var transaction = volume.begin()) {
            file.extents.shift(transaction, from, blocks);
            file.record = file.record.withSize(file.record.sizeBytes() + blocks * volume.blockSize());
            file.dirty = true;
            move(file, from, blocks);
            transaction.complete();
        }
    }

    private static void move(TestFile file, long from, long by) {
        var moving = new TreeMap<>(file.stamps.tailMap(from));
        file.stamps.tailMap(from).clear();
        moving.forEach((block, stamp) -> file.stamps.put(block + by, stamp));
    }

    private static void clear(TestFile file, long from, long to) {
        file.stamps.subMap(from, to).clear();
    }

    private static void fill(MemorySegment block, long stamp) {
        var random = new Random(stamp);
        for (long at = 0; at < block.byteSize(); at += Long.BYTES) {
            block.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
        block.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, stamp);
    }

    /** The stamps that a file's blocks carry, every block verified against its checksum. */
    static Map<Long, Long> stampsOf(Volume volume, ExtentMap extents) throws IOException {
        var stamps = new TreeMap<Long, Long>();
        try (Arena arena = Arena.ofConfined()) {
            for (Extent extent : extents.lookup(0, Long.MAX_VALUE)) {
                if (extent.written()) {
                    MemorySegment data = arena.allocate(extent.blockCount() * volume.blockSize());
                    volume.read(extent.physicalBlock(), data);
                    for (long i = 0; i < extent.blockCount(); i++) {
                        stamps.put(
                                extent.fileBlock() + i,
                                data.get(ValueLayout.JAVA_LONG_UNALIGNED, i * volume.blockSize()));
                    }
                }
            }
        }
        return stamps;
    }

    /** Every file holds what it should. */
    void verifyContent() throws IOException {
        for (TestFile file : files.values()) {
            assertThat(stampsOf(volume, file.extents)).as("inode=" + file.ino).isEqualTo(file.stamps);
        }
    }

    /** The volume's records are right, as committed now. */
    void audit() throws IOException {
        assertThat(volume.audit().problems()).isEmpty();
    }
}
