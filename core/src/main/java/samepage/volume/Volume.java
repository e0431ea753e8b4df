package samepage.volume;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

/**
 * An open volume: blocks that are written once, and records of what they mean that change in transactions. See the package
 * for its invariants.
 *
 * <p>A write goes: {@link #promise} space, {@link #allocate}, {@link #write}, then in one {@link #begin transaction} the
 * extents and checksums, and {@link #redeem} the promise; {@link #commit} makes it durable.
 */
public final class Volume implements AutoCloseable {
    /** The inode number of the tree's root. */
    public static final long ROOT = 1;

    private static final long COMMIT_SOON_BYTES = 32L << 20;
    private static final long COMMIT_NOW_BYTES = 96L << 20;

    private final BlockDevice device;
    private final MetadataStore store;
    private final @Nullable VolumeLock volumeLock;
    private final boolean readOnly;
    private final VolumeHealth health;
    private final TransactionLog log;
    private final MetadataView metadata;
    private final SpaceMap space;
    private final SpaceBudget budget;
    private final ChecksumTable checksums;
    private final BlockPins pins = new BlockPins();
    private final WrittenFiles writtenFiles = new WrittenFiles();
    private final Reclamation reclamation;
    private final AtomicLong nextInode;
    private final BackgroundTasks committing = new BackgroundTasks("samepage-commit");

    /** Apart from commits, which must not wait until the host has taken back thousands of blocks. */
    private final BackgroundTasks reclaiming = new BackgroundTasks("samepage-reclaim");

    private final TransactionLog.CommitSteps commitSteps = new Steps();
    private volatile LazyRecords lazyRecords = transaction -> {};
    private final AtomicBoolean commitIsDue = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Puts records that are kept in memory between commits, such as access times. */
    public interface LazyRecords {
        void putAll(RecordSink transaction);
    }

    /** Takes inode records into the transaction that is being closed. */
    public interface RecordSink {
        void put(InodeRecord inode);

        /** What {@link Volume#commit(long)} takes to make the transaction durable. */
        long sequence();
    }

    /** @param headroomBytes what is left to others of what the device says is usable */
    Volume(
            BlockDevice device,
            MetadataStore store,
            @Nullable VolumeLock volumeLock,
            boolean readOnly,
            Duration commitInterval,
            long headroomBytes)
            throws IOException {
        this.device = device;
        this.store = store;
        this.volumeLock = volumeLock;
        this.readOnly = readOnly;
        this.health = new VolumeHealth(readOnly);
        this.log = new TransactionLog(store);
        this.metadata = new MetadataView(log);
        byte[] accounting = store.get(RecordKey.of(RecordKey.ACCOUNTING));
        if (accounting == null) {
            throw new VfsException(Errno.EUCLEAN, "the metadata store has no accounting record");
        }
        var persisted = SpaceUsage.Format.decode(accounting);
        var allocationLock = new RankedLock(LockRank.ALLOCATION);
        this.space = new SpaceMap(log, allocationLock, persisted.usage(), persisted.highWater(), device.blockCount());
        this.reclamation = new Reclamation(device, space, pins);
        this.budget = new SpaceBudget(device, space, headroomBytes);
        this.checksums = new ChecksumTable(log, allocationLock);
        this.nextInode = new AtomicLong(persisted.nextInode());
        if (!readOnly) {
            var committed = new CommittedRecords(store);
            TableWalk references = committed.walk(RecordKey.REFERENCES);
            reclaiming.execute(() -> findFreeRuns(committed, references, persisted.highWater()));
            committing.repeat(this::commitQuietly, commitInterval);
        }
    }

    /**
     * Creates an empty volume with a root directory, and opens it. What a creation has left that was interrupted is replaced.
     *
     * @throws VfsException ENOENT, EEXIST, ENOTEMPTY or ENOTDIR where the directory cannot become one, EBUSY where another
     *     process is creating one in it
     */
    public static Volume create(Path directory, VolumeOptions options) throws IOException {
        return VolumeOpening.create(directory, options);
    }

    /**
     * Opens a volume.
     *
     * @throws VfsException ENOENT, EINVAL where it is none; EUCLEAN damaged; EOPNOTSUPP of a newer version; EBUSY in use;
     *     EACCES no permission
     */
    public static Volume open(Path directory, VolumeOptions options) throws IOException {
        return VolumeOpening.open(directory, options);
    }

    /** True where {@code directory} holds a volume, whatever state it is in. */
    public static boolean isVolume(Path directory) {
        return Files.isDirectory(directory) && new VolumeFiles(directory).hasSuperblock();
    }

    /** Creates a volume on the given device and store, which it closes with itself: in memory, or for tests. */
    public static Volume createOn(BlockDevice device, MetadataStore store) throws IOException {
        VolumeOpening.format(device, store, Superblock.create(device.blockSize()));
        return openOn(device, store);
    }

    /** Opens a volume that {@link #createOn} has made on the device and store, which it closes with itself. */
    public static Volume openOn(BlockDevice device, MetadataStore store) throws IOException {
        return new Volume(device, store, null, false, VolumeOptions.DEFAULT_COMMIT_INTERVAL, 0);
    }

    public int blockSize() {
        return device.blockSize();
    }

    public boolean isReadOnly() {
        return readOnly;
    }

    public MetadataView metadata() {
        return metadata;
    }

    /** Says who keeps records in memory between commits. */
    public void setLazyRecords(LazyRecords records) {
        lazyRecords = records;
    }

    /**
     * Joins the running transaction.
     *
     * @throws VfsException EROFS where the volume is open for reading only, EIO where it has been stopped
     */
    public Transaction begin() throws IOException {
        health.checkWritable();
        if (log.running().heapBytes() > COMMIT_NOW_BYTES) {
            commit();
        }
        RankedLock.Held joined = log.join();
        return new Transaction(this, log.running(), joined);
    }

    /** Makes the transaction of that sequence durable, and all before it. */
    public void commit(long sequence) throws IOException {
        health.checkWritable();
        try {
            log.commit(sequence, commitSteps);
        } catch (IOException | RuntimeException | Error e) {
            throw stop("a commit failed", e);
        }
    }

    /** The transaction that handles join now; what has been put so far is in it or in an older one. */
    public long runningSequence() {
        return log.running().sequence;
    }

    /** Makes everything durable that has been put so far. */
    public void commit() throws IOException {
        commit(log.running().sequence);
    }

    /** A handle has been closed: a transaction that has grown is committed before it becomes a burden. */
    void handleClosed(Overlay running) {
        if (running.heapBytes() > COMMIT_SOON_BYTES && commitIsDue.compareAndSet(false, true)) {
            committing.execute(this::commitQuietly);
        }
    }

    private void commitQuietly() {
        commitIsDue.set(false);
        try {
            commit();
        } catch (IOException e) {
            // The volume is stopped and says so to whoever comes next.
            return;
        }
    }

    private final class Steps implements TransactionLog.CommitSteps {
        @Override
        public void putLast(Overlay running) throws IOException {
            health.checkWritable(); // the last handle may have been left incomplete
            lazyRecords.putAll(new RecordSink() {
                @Override
                public void put(InodeRecord inode) {
                    running.put(RecordKey.of(RecordKey.INODE, inode.ino()), InodeFormat.encode(inode));
                }

                @Override
                public long sequence() {
                    return running.sequence;
                }
            });
            if (!running.isEmpty()) {
                var accounting = new SpaceUsage.Format(space.usage(), nextInode.get(), space.highWater());
                running.put(RecordKey.of(RecordKey.ACCOUNTING), accounting.encode());
            }
        }

        @Override
        public void flushData() throws IOException {
            device.flush();
        }

        @Override
        public void committed(Overlay committed) {
            pins.retire(committed.freed());
            if (pins.hasUnpinned()) {
                reclaiming.execute(reclamation::reclaim);
            }
        }
    }

    /** Stops the volume before it can write: everything that would change it fails with EIO from now on. */
    VfsException stop(String why, @Nullable Throwable cause) {
        return health.stop(why, cause);
    }

    /** Stops the volume on request: what has not been committed is lost. */
    public void stop(String why) {
        var _ = stop(why, null);
    }

    /** False once nothing can be changed any more: open for reading only, or stopped. */
    public boolean isWritable() {
        return health.isWritable();
    }

    long newInode() {
        space.inodesChanged(1);
        return nextInode.getAndIncrement();
    }

    void inodeRemoved() {
        space.inodesChanged(-1);
    }

    /** Where the inode's blocks lie; one object an inode at a time. */
    public ExtentMap extents(InodeRecord inode) {
        return new ExtentMap(inode.ino(), inode.mappedBlocks(), log, space);
    }

    /**
     * Promises that {@code blocks} can be allocated later.
     *
     * @throws VfsException ENOSPC where there is no room
     */
    public void promise(long blocks) throws IOException {
        health.checkWritable();
        try {
            budget.promise(blocks);
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOSPC) {
                throw e;
            }
            commit();
            reclaiming.settle();
            budget.promise(blocks);
        }
    }

    /** Ends a promise of {@code blocks}, of which {@code written} have been written. */
    public void redeem(long blocks, long written) {
        budget.redeem(blocks, written);
    }

    /** Takes blocks to write; they must have been promised. */
    public List<PhysicalRun> allocate(long blocks) throws IOException {
        return space.allocate(blocks);
    }

    /** The same for blocks that may be written much later: the host takes storage for them now. */
    public List<PhysicalRun> allocateToKeep(long blocks) throws IOException {
        List<PhysicalRun> runs = allocate(blocks);
        try {
            for (PhysicalRun run : runs) {
                device.reserve(run.start(), run.blockCount());
            }
            return runs;
        } catch (Throwable e) {
            abandon(runs);
            throw e;
        }
    }

    /** Gives blocks back that were allocated and that no transaction refers to. */
    public void abandon(List<PhysicalRun> runs) {
        space.abandon(runs);
    }

    /** Which files get new content: for whoever looks at what is new. */
    public WrittenFiles writtenFiles() {
        return writtenFiles;
    }

    public SpaceUsage usage() {
        return space.usage();
    }

    /** Blocks that could be written now, as far as the device and its host tell. */
    public long availableBlocks() throws IOException {
        return budget.available();
    }

    /** Blocks that the device has in all, or that it takes and could take of its host. */
    public long totalBlocks() throws IOException {
        return Math.min(device.blockCount(), space.usage().storedBlocks() + budget.available());
    }

    /** Bytes that the volume takes on its host: data and metadata. */
    public long deviceBytes() throws IOException {
        return device.allocatedBytes() + store.allocatedBytes();
    }

    /** The number of references of each run of equal count that overlaps {@code run}. */
    public List<SharedRun> references(PhysicalRun run) throws IOException {
        return space.counts(run).stream()
                .map(counted -> new SharedRun(new PhysicalRun(counted.start(), counted.length()), counted.references()))
                .toList();
    }

    /** Blocks that {@code references} extents map each. */
    public record SharedRun(PhysicalRun run, long references) {}

    /** Writes freshly allocated blocks and gives their checksums, for {@link Transaction#recordChecksums}. */
    public Checksum[] write(PhysicalRun run, MemorySegment data) throws IOException {
        health.checkWritable();
        var sums = new Checksum[(int) run.blockCount()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Checksum.of(data, (long) i * blockSize(), blockSize());
        }
        device.write(run.start(), data);
        return sums;
    }

    /**
     * Reads blocks from {@code physicalBlock} on and verifies each against its checksum (V4).
     *
     * @throws VfsException EIO where the device fails or a block is not what was written
     */
    public void read(long physicalBlock, MemorySegment target) throws IOException {
        device.read(physicalBlock, target);
        Checksum[] sums = checksums.get(physicalBlock, (int) (target.byteSize() / blockSize()));
        for (int i = 0; i < sums.length; i++) {
            verify(physicalBlock + i, target, (long) i * blockSize(), sums[i]);
        }
    }

    /** Reads a block that no record refers to yet, and verifies it against what {@link #write} gave. */
    public void readWritten(long physicalBlock, MemorySegment target, Checksum sum) throws IOException {
        device.read(physicalBlock, target);
        verify(physicalBlock, target, 0, sum);
    }

    private void verify(long physicalBlock, MemorySegment content, long offsetBytes, Checksum sum) throws VfsException {
        if (!Checksum.of(content, offsetBytes, blockSize()).equals(sum)) {
            throw new VfsException(Errno.EIO, "a block is not what was written").with("block", physicalBlock);
        }
    }

    /** The recorded checksums of {@code count} written blocks. */
    public Checksum[] checksumsOf(long physicalBlock, int count) throws IOException {
        return checksums.get(physicalBlock, count);
    }

    ChecksumTable checksums() {
        return checksums;
    }

    SpaceMap space() {
        return space;
    }

    /** Keeps every block that is mapped now from being reused until the pin is closed, though it be freed (V6). */
    public Pin pin() {
        return new Pin(pins.pin());
    }

    /** Holds back the reuse of freed blocks; close it from any thread. */
    public final class Pin implements AutoCloseable {
        private final long sequence;

        private Pin(long sequence) {
            this.sequence = sequence;
        }

        @Override
        public void close() {
            pins.unpin(sequence);
            if (pins.hasUnpinned()) {
                reclaiming.execute(reclamation::reclaim);
            }
        }
    }

    /** Keeps blocks that are mapped now from being reused until the answer is closed; others are reused meanwhile. */
    public RunPin pin(List<PhysicalRun> runs) {
        return new RunPin(List.copyOf(runs));
    }

    /** Holds back the reuse of some blocks; close it from any thread. */
    public final class RunPin implements AutoCloseable {
        private final List<PhysicalRun> runs;

        private RunPin(List<PhysicalRun> runs) {
            this.runs = runs;
            pins.pin(runs);
        }

        @Override
        public void close() {
            pins.unpin(runs);
            if (pins.hasUnpinned()) {
                reclaiming.execute(reclamation::reclaim);
            }
        }
    }

    /**
     * Sends bytes of blocks that nobody writes to {@code target}, past this process where the host can; not verified.
     *
     * @return how many, at least one, at most {@code lengthBytes}
     */
    public long transferTo(long offsetBytes, long lengthBytes, WritableByteChannel target) throws IOException {
        return device.transferTo(offsetBytes, lengthBytes, target);
    }

    private void findFreeRuns(CommittedRecords committed, TableWalk references, long highWater) {
        try (committed) {
            reclamation.findFreeRuns(references, highWater);
        } catch (IOException | RuntimeException e) {
            stop("the space map cannot be read", e);
        }
    }

    /** Commits, and checks every record against every other; see {@link VolumeAudit}. */
    public VolumeAudit.Report audit() throws IOException {
        boolean freeSpaceIsKnown = isWritable();
        if (freeSpaceIsKnown) {
            commit();
            reclaiming.settle();
        }
        try (var records = new CommittedRecords(store)) {
            return log.whileNothingCommits(
                            () -> new VolumeAudit(blockSize(), records, freeSpaceIsKnown ? space.snapshot() : null))
                    .run();
        }
    }

    /** Reads every written block and verifies it against its checksum; see {@link DataScrub}. */
    public DataScrub.Report verifyData(DataScrub.Progress progress) throws IOException {
        try (var records = new CommittedRecords(store);
                var _ = pin()) {
            if (isWritable()) {
                commit();
            }
            return log.whileNothingCommits(() -> new DataScrub(device, checksums, records, progress))
                    .run();
        }
    }

    /**
     * Commits what has been put and closes store, device and lock. What is still only in pages above is not its business.
     * Closing twice is harmless.
     *
     * @throws IOException where what has been put could not be made durable, or the volume had been stopped before
     */
    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        IOException failed = null;
        try {
            if (!readOnly) {
                commit();
            }
        } catch (IOException e) {
            failed = e;
        }
        committing.close();
        reclaiming.close();
        if (failed == null && !readOnly) {
            reclamation.reclaim();
        }
        VolumeOpening.closeAll(failed, store, device, volumeLock);
        if (failed != null) {
            throw failed;
        }
    }
}
