package samepage.volume;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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

    private final VolumeParts parts;
    private final BlockDevice device;
    private final MetadataStore store;
    private final boolean readOnly;
    private final VolumeHealth health;
    private final TransactionLog log;
    private final MetadataView metadata;
    private final SpaceMap space;
    private final SpaceBudget budget;
    private final MetadataBudget metadataBudget;
    private final ChecksumTable checksums;
    private final VerifiedBlocks blocks;
    private final WrittenFiles writtenFiles = new WrittenFiles();
    private final Reclamation reclamation;
    private final Commits commits;
    private final AtomicLong nextInode;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param headroomBytes what is left to others of what the device says is usable */
    Volume(VolumeParts parts, boolean readOnly, Duration commitInterval, long headroomBytes) throws IOException {
        this.parts = parts;
        this.device = parts.device();
        this.store = parts.store();
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
        this.reclamation = new Reclamation(device, space);
        this.commits = new Commits(this, log, parts, reclamation);
        this.budget = new SpaceBudget(device, space, headroomBytes);
        this.metadataBudget = new MetadataBudget(store, log, headroomBytes / 4 * 3);
        this.checksums = new ChecksumTable(log, allocationLock);
        this.blocks = new VerifiedBlocks(device, checksums);
        this.nextInode = new AtomicLong(persisted.nextInode());
        if (!readOnly) {
            reclamation.findFreeRuns(store, persisted.highWater(), e -> stop("the space map cannot be read", e));
            reclamation.repeat(commitInterval);
            commits.repeat(commitInterval);
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
     * @throws VfsException ENOENT, EINVAL where it is none; EUCLEAN damaged, in some ways so that it can still be opened for
     *     reading; EOPNOTSUPP of a newer version; EBUSY in use;
     *     EACCES no permission
     */
    public static Volume open(Path directory, VolumeOptions options) throws IOException {
        return VolumeOpening.open(directory, options);
    }

    /** True where {@code directory} holds a volume, whatever state it is in. */
    public static boolean isVolume(Path directory) {
        return Files.isDirectory(directory) && new VolumeFiles(directory).hasSuperblock();
    }

    /**
     * The process that has opened the volume in {@code directory} for writing last, by its own account; it may have ended, and its
     * number been given to another. Empty where there was none.
     *
     * @throws IOException where there is no such volume, or no permission to read its lock
     */
    public static OptionalLong lastWriter(Path directory) throws IOException {
        return VolumeLock.lastWriter(new VolumeFiles(directory).lock());
    }

    /** Creates a volume on the given device and store, which it closes with itself: in memory, or for tests. */
    public static Volume createOn(BlockDevice device, MetadataStore store) throws IOException {
        VolumeOpening.format(device, store, Superblock.create(device.blockSize()));
        return openOn(device, store);
    }

    /** Opens a volume that {@link #createOn} has made on the device and store, which it closes with itself. */
    public static Volume openOn(BlockDevice device, MetadataStore store) throws IOException {
        return new Volume(
                new VolumeParts(device, store, null, null, null), false, VolumeOptions.DEFAULT_COMMIT_INTERVAL, 0);
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
        commits.setLazyRecords(records);
    }

    /**
     * Joins the running transaction.
     *
     * @throws VfsException EROFS where the volume is open for reading only, EIO where it has been stopped
     */
    public Transaction begin() throws IOException {
        health.checkWritable();
        commits.beforeJoining();
        RankedLock.Held joined = log.join();
        return new Transaction(this, log.running(), joined);
    }

    /**
     * The same for what adds names, attributes or clones.
     *
     * @throws VfsException ENOSPC where the host has so little left that it is kept for deleting
     */
    public Transaction beginAdding() throws IOException {
        health.checkWritable();
        askForSpace(metadataBudget::checkRoom);
        return begin();
    }

    /**
     * Makes the transaction of that sequence durable, and all before it.
     *
     * @throws VfsException ENOSPC where there is no room to record it: nothing is lost, a later commit may succeed; EIO where
     *     it fails for another reason, which stops the volume
     */
    public void commit(long sequence) throws IOException {
        commits.commit(sequence);
    }

    /** The transaction that handles join now; what has been put so far is in it or in an older one. */
    public long runningSequence() {
        return log.running().sequence;
    }

    /** Makes everything durable that has been put so far. */
    public void commit() throws IOException {
        commit(log.running().sequence);
    }

    void handleClosed(Overlay running) {
        commits.handleClosed(running);
    }

    /** What a commit records of the volume as a whole. */
    SpaceUsage.Format accounting() {
        return new SpaceUsage.Format(space.usage(), nextInode.get(), space.highWater());
    }

    void checkWritable() throws VfsException {
        health.checkWritable();
    }

    /** Stops the volume before it can write: everything that would change it fails with EIO from now on, as the answer says. */
    public VfsException stop(String why, @Nullable Throwable cause) {
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
        askForSpace(() -> budget.promise(blocks));
    }

    private interface SpaceRequest {
        void ask() throws IOException;
    }

    /** Asks again, where there is none, when all has been freed that can be. */
    private void askForSpace(SpaceRequest request) throws IOException {
        try {
            request.ask();
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOSPC) {
                throw e;
            }
            commit();
            reclamation.settle();
            request.ask();
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
        return blocks.write(run, data);
    }

    /**
     * The same, on the executor.
     *
     * @param data must stay as it is until the answer completes
     * @return completes with the checksums when the blocks are written; exceptionally with an IOException
     */
    public CompletableFuture<Checksum[]> write(PhysicalRun run, MemorySegment data, Executor executor)
            throws IOException {
        health.checkWritable();
        return blocks.write(run, data, executor);
    }

    /**
     * Reads blocks from {@code physicalBlock} on and verifies each against its checksum (V4).
     *
     * @throws VfsException EIO where the device fails or a block is not what was written
     */
    public void read(long physicalBlock, MemorySegment target) throws IOException {
        blocks.read(physicalBlock, target);
    }

    /** Reads a block that no record refers to yet, and verifies it against what {@link #write} gave. */
    public void readWritten(long physicalBlock, MemorySegment target, Checksum sum) throws IOException {
        blocks.readWritten(physicalBlock, target, sum);
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
    public BlockPin pin() {
        return reclamation.pin();
    }

    /** Keeps blocks that are mapped now from being reused until the answer is closed; others are reused meanwhile. */
    public BlockPin pin(List<PhysicalRun> runs) {
        return reclamation.pin(runs);
    }

    /**
     * Sends bytes of blocks that nobody writes to {@code target}, past this process where the host can; not verified.
     *
     * @return how many, at least one, at most {@code lengthBytes}
     */
    public long transferTo(long offsetBytes, long lengthBytes, WritableByteChannel target) throws IOException {
        return device.transferTo(offsetBytes, lengthBytes, target);
    }

    /** Commits, and checks every record against every other; see {@link VolumeAudit}. */
    public VolumeAudit.Report audit() throws IOException {
        boolean freeSpaceIsKnown = isWritable();
        if (freeSpaceIsKnown) {
            commit();
            reclamation.settle();
        }
        try (var records = new CommittedRecords(store)) {
            VolumeAudit audit = log.whileNothingCommits(
                    () -> new VolumeAudit(blockSize(), records, freeSpaceIsKnown ? space.snapshot() : null));
            return audit.run(parts.damage());
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
        commits.close();
        if (failed == null && !readOnly) {
            reclamation.finish();
        } else {
            reclamation.close();
        }
        parts.close(failed);
        if (failed != null) {
            throw failed;
        }
    }
}
