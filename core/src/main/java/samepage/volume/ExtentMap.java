package samepage.volume;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.lock.Guarded;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

/**
 * Where one inode's blocks lie. Every change is part of a transaction and keeps the reference counts equal to what the
 * extents say (V3): mapping takes over the reference that the caller brings or counts one, unmapping releases one.
 *
 * <p>All methods are safe from any thread; that an answer stays true is for the inode's locks to see to.
 */
public final class ExtentMap {
    /** Longest extent, in blocks: keeps a record's split cheap and a walk over many of them in memory. */
    private static final long MAX_BLOCKS = 1 << 20;

    /** How many extents one transaction changes at most where the change may be divided. */
    private static final int EXTENTS_PER_TRANSACTION = 16_384;

    /** So many extents are kept in memory where the file has no more: one that is asked for has been asked for before. */
    private static final int FEW_EXTENTS = 16;

    private final long ino;
    private final TransactionLog log;
    private final SpaceMap space;
    private final RankedLock lock;

    @Guarded("lock")
    private long mappedBlocks;

    /** No extent ends after this block: what is appended need not be looked for. */
    @Guarded("lock")
    private long upperBound;

    /** The extent recorded last, for what is appended next. */
    @Guarded("lock")
    private @Nullable Extent last;

    /** All extents, in order, where they are known and few. Found out by anybody, changed with the lock held exclusive. */
    private volatile @Nullable List<Extent> few;

    /** There were more when they were looked up; from then on each look is one at the records. */
    private volatile boolean areMany;

    ExtentMap(long ino, long mappedBlocks, TransactionLog log, SpaceMap space) {
        this.ino = ino;
        this.log = log;
        this.space = space;
        this.lock = new RankedLock(LockRank.EXTENT_MAP, ino);
        this.mappedBlocks = mappedBlocks;
        this.upperBound = mappedBlocks == 0 ? 0 : Long.MAX_VALUE;
        this.few = mappedBlocks == 0 ? List.of() : null;
    }

    /** Blocks that the extents map. */
    public long mappedBlocks() {
        try (var _ = lock.lockShared()) {
            return mappedBlocks;
        }
    }

    /** The extents in {@code [from, to)}, in order, clipped to it; what is missing in between is a hole. */
    public List<Extent> lookup(long from, long to) throws IOException {
        try (var _ = lock.lockShared()) {
            return Extent.within(overlapping(from, to, Integer.MAX_VALUE), from, to);
        }
    }

    /** The first {@code limit} of them; what follows the last of so many is not told. */
    public List<Extent> lookup(long from, long to, int limit) throws IOException {
        try (var _ = lock.lockShared()) {
            List<Extent> found = Extent.within(overlapping(from, to, limit), from, to);
            return found.size() <= limit ? found : found.subList(0, limit);
        }
    }

    /** The first extent that ends after {@code from}, whole; null where nothing is mapped from there on. */
    public @Nullable Extent next(long from) throws IOException {
        try (var _ = lock.lockShared()) {
            List<Extent> found = overlapping(from, Long.MAX_VALUE, 1);
            return found.isEmpty() ? null : found.getFirst();
        }
    }

    /**
     * Maps fresh blocks, whose one reference {@link Transaction#reference} has counted. What was mapped there is released.
     *
     * @param written false where the blocks are to read as zeros
     */
    public void map(Transaction transaction, long fileBlock, PhysicalRun run, boolean written) throws IOException {
        try (var _ = lock.lockExclusive()) {
            put(transaction, new Extent(fileBlock, run.start(), run.blockCount(), written));
        }
    }

    /**
     * Maps the blocks of {@code [from, to)} that have been allocated unwritten, and have been written now, as written.
     */
    public void markWritten(Transaction transaction, long from, long to) throws IOException {
        try (var _ = lock.lockExclusive()) {
            for (Extent extent : overlapping(from, to, Integer.MAX_VALUE)) {
                Extent part = extent.clip(from, to);
                space.reference(transaction.running(), new PhysicalRun(part.physicalBlock(), part.blockCount()));
                put(transaction, new Extent(part.fileBlock(), part.physicalBlock(), part.blockCount(), true));
            }
        }
    }

    /**
     * Makes {@code [from, to)} a hole, or as much of it as a transaction should hold.
     *
     * @return the block from which on something may be left; {@code to} when it is done
     */
    public long unmap(Transaction transaction, long from, long to) throws IOException {
        try (var _ = lock.lockExclusive()) {
            List<Extent> parts = overlapping(from, to, EXTENTS_PER_TRANSACTION);
            long end = parts.size() < EXTENTS_PER_TRANSACTION
                    ? to
                    : Math.min(to, parts.getLast().endBlock());
            release(transaction, cut(transaction, from, end));
            return end;
        }
    }

    /**
     * Maps {@code [targetFrom, targetFrom + extents' span)} to what {@code sourceExtents} map: holes become holes, blocks
     * that are only allocated become holes. References are counted before any is released.
     *
     * @param sourceExtents as {@link #lookup} of the source gave them for {@code [sourceFrom, sourceTo)}; they must not
     *     have changed since
     */
    public void share(
            Transaction transaction, List<Extent> sourceExtents, long sourceFrom, long sourceTo, long targetFrom)
            throws IOException {
        try (var _ = lock.lockExclusive()) {
            space.reference(
                    transaction.running(),
                    sourceExtents.stream()
                            .filter(Extent::written)
                            .map(ExtentMap::blocksOf)
                            .toList());
            release(transaction, cut(transaction, targetFrom, targetFrom + (sourceTo - sourceFrom)));
            for (Extent extent : sourceExtents) {
                if (extent.written()) {
                    long fileBlock = targetFrom + (extent.fileBlock() - sourceFrom);
                    insert(transaction, new Extent(fileBlock, extent.physicalBlock(), extent.blockCount(), true));
                }
            }
        }
    }

    /** Moves every extent from {@code from} on by {@code byBlocks}, which may be negative onto a hole. */
    public void shift(Transaction transaction, long from, long byBlocks) throws IOException {
        try (var _ = lock.lockExclusive()) {
            List<Extent> moving = cut(transaction, from, Long.MAX_VALUE);
            for (Extent extent : moving) {
                insert(
                        transaction,
                        new Extent(
                                extent.fileBlock() + byBlocks,
                                extent.physicalBlock(),
                                extent.blockCount(),
                                extent.written()));
            }
        }
    }

    @Guarded("lock")
    private void put(Transaction transaction, Extent extent) throws IOException {
        release(transaction, cut(transaction, extent.fileBlock(), extent.endBlock()));
        insert(transaction, extent);
    }

    /** Records an extent where nothing is mapped, joined to its neighbours where it continues them. */
    @Guarded("lock")
    private void insert(Transaction transaction, Extent extent) throws IOException {
        mappedBlocks += extent.blockCount();
        var joinedTo = new ArrayList<Extent>(2);
        Extent joined = extent;
        Extent left = endingAt(extent.fileBlock());
        if (left != null && mayJoin(left, joined)) {
            joined = left.joinedWith(joined);
            joinedTo.add(left);
        }
        Extent right = joined.endBlock() < upperBound ? startingAt(joined.endBlock()) : null;
        if (right != null && mayJoin(joined, right)) {
            joined = joined.joinedWith(right);
            joinedTo.add(right);
            record(transaction, joined);
            delete(transaction, right);
        } else {
            record(transaction, joined);
        }
        replaceKnown(joinedTo, List.of(joined));
        upperBound = Math.max(upperBound, joined.endBlock());
        last = joined;
    }

    private static boolean mayJoin(Extent left, Extent right) {
        return left.continuedBy(right) && left.blockCount() + right.blockCount() <= MAX_BLOCKS;
    }

    /** Takes {@code [from, to)} out of the map and gives what was there, clipped; no reference is released. */
    @Guarded("lock")
    private List<Extent> cut(Transaction transaction, long from, long to) throws IOException {
        var parts = new ArrayList<Extent>();
        var rest = new ArrayList<Extent>(2);
        Extent left = null;
        List<Extent> cut = overlapping(from, to, Integer.MAX_VALUE);
        for (Extent extent : cut) {
            last = null;
            if (extent.endBlock() > to) {
                Extent right = extent.clip(to, extent.endBlock());
                record(transaction, right);
                rest.add(right);
            }
            if (extent.fileBlock() < from) {
                left = extent.clip(extent.fileBlock(), from);
                record(transaction, left);
                rest.add(left);
            } else {
                delete(transaction, extent);
            }
            Extent part = extent.clip(from, to);
            mappedBlocks -= part.blockCount();
            parts.add(part);
        }
        replaceKnown(cut, rest);
        if (left != null) {
            last = left;
        }
        if (to >= upperBound) {
            upperBound = Math.min(upperBound, from);
        }
        return parts;
    }

    /** What is known of the extents follows a change of their records. */
    @Guarded("lock")
    private void replaceKnown(List<Extent> gone, List<Extent> come) {
        List<Extent> known = few;
        if (mappedBlocks == 0) {
            few = List.of();
            areMany = false;
        } else if (known != null) {
            var now = new ArrayList<>(known);
            now.removeAll(gone);
            now.addAll(come);
            now.sort(Comparator.comparingLong(Extent::fileBlock));
            areMany = now.size() > FEW_EXTENTS;
            few = areMany ? null : List.copyOf(now);
        }
    }

    /** All extents, or null where they are not few. */
    @Guarded("lock")
    private @Nullable List<Extent> few() throws IOException {
        List<Extent> known = few;
        if (known == null && !areMany) {
            Extent first = recordedAt(0); // mostly the only one, and found without a walk
            known = first != null && first.blockCount() == mappedBlocks
                    ? List.of(first)
                    : inRecords(0, Long.MAX_VALUE, FEW_EXTENTS + 1);
            areMany = known.size() > FEW_EXTENTS;
            if (areMany) {
                return null;
            }
            few = known;
        }
        return known;
    }

    private void release(Transaction transaction, List<Extent> parts) throws IOException {
        space.release(
                transaction.running(), parts.stream().map(ExtentMap::blocksOf).toList());
    }

    private static PhysicalRun blocksOf(Extent extent) {
        return new PhysicalRun(extent.physicalBlock(), extent.blockCount());
    }

    @Guarded("lock")
    private List<Extent> overlapping(long from, long to, int limit) throws IOException {
        if (from >= to || from >= upperBound) {
            return List.of();
        }
        List<Extent> known = few();
        if (known != null) {
            var extents = new ArrayList<Extent>(known.size());
            for (Extent extent : known) {
                if (extent.fileBlock() < to && from < extent.endBlock() && extents.size() < limit) {
                    extents.add(extent);
                }
            }
            return extents;
        }
        var extents = new ArrayList<Extent>();
        Extent first = last != null && last.fileBlock() <= from && from < last.endBlock() ? last : covering(from);
        if (first != null) {
            extents.add(first);
            if (first.endBlock() >= to || first.endBlock() >= upperBound || limit == 1) {
                return extents;
            }
        }
        extents.addAll(inRecords(from + 1, to, limit - extents.size()));
        return extents;
    }

    /** The first {@code limit} extents that begin in {@code [from, to)}. */
    private List<Extent> inRecords(long from, long to, int limit) throws IOException {
        var extents = new ArrayList<Extent>();
        byte[] end = to == Long.MAX_VALUE ? RecordKey.of(RecordKey.EXTENT, ino + 1) : key(to);
        try (var cursor = log.scan(key(from), end)) {
            while (extents.size() < limit && cursor.next()) {
                extents.add(ExtentFormat.decode(cursor.key(), cursor.value()));
            }
        }
        return extents;
    }

    @Guarded("lock")
    private @Nullable Extent endingAt(long block) throws IOException {
        if (last != null && last.endBlock() == block) {
            return last;
        }
        return block == 0 || mappedBlocks == 0 ? null : covering(block - 1);
    }

    @Guarded("lock")
    private @Nullable Extent startingAt(long block) throws IOException {
        if (few() != null) {
            Extent covering = covering(block);
            return covering != null && covering.fileBlock() == block ? covering : null;
        }
        return recordedAt(block);
    }

    /** The extent that maps the block, if any. */
    @Guarded("lock")
    private @Nullable Extent covering(long block) throws IOException {
        List<Extent> known = few();
        if (known != null) {
            for (Extent extent : known) {
                if (extent.fileBlock() <= block && block < extent.endBlock()) {
                    return extent;
                }
            }
            return null;
        }
        return inRecords(block);
    }

    private @Nullable Extent recordedAt(long block) throws IOException {
        byte[] key = key(block);
        byte[] value = log.get(key);
        return value == null ? null : ExtentFormat.decode(key, value);
    }

    private @Nullable Extent inRecords(long block) throws IOException {
        var record = log.covering(
                key(block),
                key(0),
                (key, value) -> ExtentFormat.decode(key, value).endBlock() > block);
        return record == null ? null : ExtentFormat.decode(record.getKey(), record.getValue());
    }

    private void record(Transaction transaction, Extent extent) {
        transaction.running().put(key(extent.fileBlock()), ExtentFormat.encode(extent));
    }

    private void delete(Transaction transaction, Extent extent) throws IOException {
        log.delete(transaction.running(), key(extent.fileBlock()));
    }

    private byte[] key(long fileBlock) {
        return RecordKey.of(RecordKey.EXTENT, ino, fileBlock);
    }
}
