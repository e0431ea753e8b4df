package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.DrainableCount;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;
import samepage.pagecache.PageMapping;
import samepage.volume.ExtentMap;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;

/**
 * An inode in use. Its attributes are one immutable record, which readers see without a lock; whoever changes them holds
 * the inode lock, but for sizes and times that direct I/O and page faults move.
 */
public final class Inode {
    private static final AtomicReferenceFieldUpdater<Inode, InodeRecord> RECORD =
            AtomicReferenceFieldUpdater.newUpdater(Inode.class, InodeRecord.class, "record");

    private final long ino;
    private final InodeTable table;
    private final RankedLock inodeLock;
    private final RankedLock invalidateLock;
    private final RankedLock writebackLock;
    private final PageMapping pages;
    private final ExtentMap extents;
    private final DrainableCount directIo = new DrainableCount();
    private final LayoutLeases leases = new LayoutLeases();
    private final CopyOnWriteArrayList<RangeWatch> watches = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<LongConsumer> truncationListeners = new CopyOnWriteArrayList<>();
    private volatile InodeRecord record;

    /** The size up to which everything is on the device or in the running transaction; what a crash would leave. */
    @GuardedBy("this") private long recordedSizeBytes;

    /** The last transaction that holds a change of this inode. */
    private volatile long lastSequence;

    private volatile @Nullable IOException writebackError;
    private volatile boolean removed;
    private volatile boolean mappedWritable;

    Inode(InodeTable table, InodeRecord record, PageMapping pages, ExtentMap extents) {
        this.ino = record.ino();
        this.table = table;
        this.inodeLock = new RankedLock(LockRank.INODE, ino);
        this.invalidateLock = new RankedLock(LockRank.INVALIDATE, ino);
        this.writebackLock = new RankedLock(LockRank.WRITEBACK, ino);
        this.pages = pages;
        this.extents = extents;
        this.record = record;
        this.recordedSizeBytes = record.sizeBytes();
    }

    public long ino() {
        return ino;
    }

    public int blockSize() {
        return table.blockSize();
    }

    /** Content and attributes: exclusive to change, shared for direct I/O within the file. */
    public RankedLock inodeLock() {
        return inodeLock;
    }

    /** Shared by page faults and fills, exclusive for whoever must keep them out: the thread's mmap lock. */
    public RankedLock invalidateLock() {
        return invalidateLock;
    }

    /**
     * Exclusive from a writeback's snapshot until the extents tell of it, and for whoever else changes where the blocks lie,
     * until the change is noted.
     */
    public RankedLock writebackLock() {
        return writebackLock;
    }

    public PageMapping pages() {
        return pages;
    }

    public ExtentMap extents() {
        return extents;
    }

    /** Direct I/O under way. */
    public DrainableCount directIo() {
        return directIo;
    }

    /** Who uses blocks of the file past everybody else. */
    public LayoutLeases leases() {
        return leases;
    }

    /** The inode lock exclusive, with no lease in the way of changing blocks {@code [from, to)}. */
    public RankedLock.Held lockToChange(long from, long to) {
        return lockExclusive(from, to, LayoutLeases.Use.CHANGE);
    }

    /** The inode lock exclusive, with no lease in the way of {@code use}. */
    public RankedLock.Held lockExclusive(long from, long to, LayoutLeases.Use use) {
        return lockWithoutLeases(from, to, use, inodeLock::lockExclusive);
    }

    /** The inode lock shared, with no lease in the way of {@code use}. */
    public RankedLock.Held lockShared(long from, long to, LayoutLeases.Use use) {
        return lockWithoutLeases(from, to, use, inodeLock::lockShared);
    }

    /** Looks under the lock; recalls without it, while no new lease is granted. */
    private RankedLock.Held lockWithoutLeases(
            long from, long to, LayoutLeases.Use use, Supplier<RankedLock.Held> lock) {
        RankedLock.Held held = lock.get();
        if (!leases.conflict(from, to, use)) {
            return held;
        }
        held.close();
        try (var _ = leases.holdOff()) {
            leases.recall(from, to, use);
            return lock.get();
        }
    }

    /**
     * Brings what is dirty of blocks {@code [from, to)} to the device. When it returns no page of them is dirty or on its
     * way, unless somebody has dirtied one again.
     */
    public void writeBack(long from, long to) throws IOException {
        table.operations().writeBack(this, from, to);
    }

    /**
     * Reads whole blocks from the device past the pages. True to the file where nothing of them is dirty, and nobody changes
     * the file's mapping or a pin keeps the blocks that it had.
     */
    public void readFromDevice(long block, MemorySegment target) throws IOException {
        table.operations().readFromDevice(this, block, target);
    }

    /**
     * Takes all memory-mapped windows on blocks {@code [from, to)} away, before their content goes. The caller holds the
     * invalidate lock exclusive: none is opened until it gives it back.
     *
     * @throws VfsException EBUSY where an I/O operation uses the memory of one at this moment
     */
    public void unmap(long from, long to) throws VfsException {
        if (!pages.takeWindows(from, to)) {
            throw new VfsException(Errno.EBUSY, "an I/O operation is using mapped memory of the file")
                    .with("inode", ino);
        }
    }

    /** A memory map may store into the file, and past its end up to the end of the block. */
    public void mappedWritable() {
        mappedWritable = true;
    }

    /** Called before the size becomes greater than now: what has been stored past the end reads as zeros then. */
    public void zeroPastEnd() {
        long size = sizeBytes();
        int inBlock = (int) (size % table.blockSize());
        if (mappedWritable && inBlock > 0) {
            pages.zeroTail(size / table.blockSize(), inBlock);
        }
    }

    /** The attributes now. */
    public InodeRecord record() {
        return record;
    }

    public long sizeBytes() {
        return record.sizeBytes();
    }

    /** Changes attributes in memory; they are put at the latest by the next commit. */
    public void update(UnaryOperator<InodeRecord> change) {
        RECORD.updateAndGet(this, change);
        table.recordDirtied(this);
    }

    /** Makes the size at least {@code sizeBytes}. */
    public void growTo(long sizeBytes) {
        if (sizeBytes() < sizeBytes) {
            update(now -> now.sizeBytes() < sizeBytes ? now.withSize(sizeBytes) : now);
        }
    }

    /** Somebody has changed content now: the times tell, and set-id bits go where they must. */
    public void contentModified(SetIdBits setIdBits) {
        Timestamp now = Timestamp.now();
        update(record -> setIdBits.applyTo(record.modifiedAt(now)));
    }

    /** Changes attributes and puts them, together with what else the transaction holds. */
    public void update(Transaction transaction, UnaryOperator<InodeRecord> change) {
        RECORD.updateAndGet(this, change);
        put(transaction);
    }

    /**
     * Sets a size below which nothing is dirty that the device does not have, as truncation does, and puts it.
     */
    public void setSize(Transaction transaction, long sizeBytes, UnaryOperator<InodeRecord> change) {
        synchronized (this) {
            recordedSizeBytes = Math.min(recordedSizeBytes, sizeBytes);
        }
        update(transaction, now -> change.apply(now.withSize(sizeBytes)));
    }

    /** Puts the attributes as a crash should find them. One at a time: the last to be put are the newest. */
    public synchronized void put(Transaction transaction) {
        transaction.putInode(recordToPut());
        lastSequence = transaction.sequence();
    }

    /** The attributes are, or may be, in the transaction of that sequence. */
    void putInto(long sequence) {
        lastSequence = sequence;
    }

    /** The transaction maps what has been written up to {@code endBlock}: the size that is put must cover it. */
    public void extentsWritten(Transaction transaction, long endBlock) {
        long size = sizeBytes();
        synchronized (this) {
            boolean covered = endBlock > size / table.blockSize();
            recordedSizeBytes = Math.max(recordedSizeBytes, covered ? size : endBlock * table.blockSize());
        }
        extentsChanged(transaction);
    }

    /** The transaction changes the inode's extents; its attributes follow at the latest as it is closed. */
    public void extentsChanged(Transaction transaction) {
        lastSequence = transaction.sequence();
        table.recordDirtied(this);
    }

    /** Pages have come to the device: the attributes to put may tell of a greater size now. */
    public void pagesWritten() {
        table.recordDirtied(this);
    }

    /** True where attributes are newer than what has been put. */
    public boolean isRecordDirty() {
        return table.isRecordDirty(this);
    }

    /** Removes the inode's record; nobody puts it again. */
    public void remove(Transaction transaction) {
        transaction.removeInode(ino);
        table.removed(this);
    }

    /** The transaction that must be durable for all finished changes of this inode to be. */
    public long lastSequence() {
        return lastSequence;
    }

    /**
     * The attributes, with the size cut to what is recorded in extents: a file never shows, after a crash, bytes at its end
     * that had not been written yet, and never has blocks past its end.
     */
    synchronized InodeRecord recordToPut() {
        InodeRecord now = record;
        if (now.isRegular()) {
            long recorded = recordedSizeBytes;
            if (recorded != now.sizeBytes()) {
                long firstBusyBlock = pages.firstBusy(recorded / table.blockSize());
                long limit = firstBusyBlock == Long.MAX_VALUE ? Long.MAX_VALUE : firstBusyBlock * table.blockSize();
                recorded = Math.min(now.sizeBytes(), Math.max(recorded, limit));
                recordedSizeBytes = recorded;
            }
            now = now.withSize(recorded);
        }
        return now.withMappedBlocks(extents.mappedBlocks());
    }

    /**
     * The blocks {@code [from, to)} have been changed. Called once every reader sees the change, and before the lock or the
     * count is given back that kept lockers out of it: noted any sooner, a compare could take the note and then read the old
     * content.
     */
    public void contentChanged(long from, long to) {
        if (!watches.isEmpty()) {
            for (RangeWatch watch : watches) {
                watch.mark(from, to);
            }
        }
    }

    /** Called with no lock held by whoever is about to write {@code [from, to)}: a compare that does not keep up is waited for. */
    public void pauseWhereOutpaced(long from, long to) {
        if (!watches.isEmpty()) {
            for (RangeWatch watch : watches) {
                watch.pauseWriter(from, to);
            }
        }
    }

    /** From now on remembers which blocks of {@code [from, to)} change; at most 2^31 blocks. */
    public RangeWatch watch(long from, long to) {
        var watch = new RangeWatch(this, from, to);
        watches.add(watch);
        return watch;
    }

    void unwatch(RangeWatch watch) {
        watches.remove(watch);
    }

    /** From now on {@code listener} is told of the first block that a truncation has taken away, once it has. */
    public void addTruncationListener(LongConsumer listener) {
        truncationListeners.add(listener);
    }

    public void removeTruncationListener(LongConsumer listener) {
        truncationListeners.remove(listener);
    }

    /** The blocks from {@code firstGone} on are no longer the file's. */
    public void truncated(long firstGone) {
        truncationListeners.forEach(listener -> listener.accept(firstGone));
    }

    boolean isRemoved() {
        return removed;
    }

    void setRemoved() {
        removed = true;
    }

    /** Writing pages back has failed; whoever asks for durability next is told. */
    public void writebackFailed(IOException error) {
        writebackError = error;
    }

    /** Throws what writeback has failed with since the last call. */
    public void throwWritebackError() throws IOException {
        IOException error = writebackError;
        if (error != null) {
            writebackError = null;
            throw error;
        }
    }

    @Override
    public String toString() {
        return "inode=" + ino;
    }
}
