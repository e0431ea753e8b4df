package samepage.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.Guarded;
import samepage.lock.RankedLock;

/**
 * How many extents map each block, as runs of equal count; a block without a record is free. Neighbouring runs of one
 * count are one record, but where fresh blocks came beside some that had been committed:
 *
 * <pre>
 *   key 'R' first block (8)      value: block count (8), references (8)
 * </pre>
 *
 * A block is first taken from free space, which is in memory only; the record comes with the transaction that maps it. A
 * crash in between leaves nothing to clean up.
 */
final class SpaceMap {
    private static final byte[] LOWEST = RecordKey.of(RecordKey.REFERENCES, 0);

    private final TransactionLog log;
    private final RankedLock allocationLock;

    @Guarded("allocationLock")
    private final FreeSpace free;

    /** As {@code free} has it. Whoever asks for a promise does not wait for a transaction that looks up records. */
    private volatile long freeBlocks;

    @Guarded("allocationLock")
    private SpaceUsage usage;

    /** Allocated, and in no record yet. */
    @Guarded("allocationLock")
    private long unrecordedBlocks;

    /** Released by a transaction, and not yet free; or taken out for a moment. */
    @Guarded("allocationLock")
    private long awaitingReuseBlocks;

    SpaceMap(TransactionLog log, RankedLock allocationLock, SpaceUsage usage, long highWater, long limit) {
        this.log = log;
        this.allocationLock = allocationLock;
        this.usage = usage;
        this.free = new FreeSpace(highWater, limit);
        this.freeBlocks = free.freeBlocks();
    }

    /** Takes {@code blockCount} blocks in as few runs as there are; nobody else is given them. */
    List<PhysicalRun> allocate(long blockCount) throws VfsException {
        var runs = new ArrayList<PhysicalRun>();
        try (var _ = allocationLock.lockExclusive()) {
            for (long missing = blockCount; missing > 0; ) {
                PhysicalRun run = free.take(missing);
                if (run.blockCount() == 0) {
                    runs.forEach(free::add);
                    throw new VfsException(Errno.ENOSPC, "no free block on the device");
                }
                runs.add(run);
                missing -= run.blockCount();
            }
            unrecordedBlocks += blockCount;
            freeBlocks = free.freeBlocks();
        }
        return runs;
    }

    /** Gives back blocks that were allocated and never referenced. */
    void abandon(List<PhysicalRun> runs) {
        try (var _ = allocationLock.lockExclusive()) {
            addFree(runs);
            unrecordedBlocks -= total(runs);
        }
    }

    /** Makes blocks available again that were released, in a durable state and with no pin on them any more (V6). */
    void reuse(List<PhysicalRun> runs) {
        try (var _ = allocationLock.lockExclusive()) {
            addFree(runs);
            awaitingReuseBlocks -= total(runs);
        }
    }

    /** Takes what is free of a run, to be given back by {@link #reuse}. */
    List<PhysicalRun> takeFree(PhysicalRun run) {
        try (var _ = allocationLock.lockExclusive()) {
            List<PhysicalRun> taken = free.takeWithin(run);
            awaitingReuseBlocks += total(taken);
            freeBlocks = free.freeBlocks();
            return taken;
        }
    }

    /** Takes in a run below the high-water mark that was free already when the volume was opened. */
    void foundFree(PhysicalRun run) {
        try (var _ = allocationLock.lockExclusive()) {
            addFree(List.of(run));
        }
    }

    @Guarded("allocationLock")
    private void addFree(List<PhysicalRun> runs) {
        runs.forEach(free::add);
        freeBlocks = free.freeBlocks();
    }

    private static long total(List<PhysicalRun> runs) {
        return runs.stream().mapToLong(PhysicalRun::blockCount).sum();
    }

    /** How every block below the high-water mark is used now. */
    Snapshot snapshot() {
        try (var _ = allocationLock.lockExclusive()) {
            return new Snapshot(
                    free.highWater(),
                    usage.storedBlocks(),
                    free.freeBelowHighWater(),
                    unrecordedBlocks,
                    awaitingReuseBlocks,
                    log.running().isEmpty() && unrecordedBlocks == 0 && awaitingReuseBlocks == 0,
                    free.runs());
        }
    }

    /**
     * How the blocks below the high-water mark are used: each is stored, free, unrecorded or waiting.
     *
     * @param unrecordedBlocks allocated, and no transaction refers to them yet
     * @param awaitingReuseBlocks released, and not free yet
     * @param isQuiet no transaction has changed anything since the last commit, and nothing is under way
     * @param freeStartsAndEnds of each free run, upwards
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Snapshot(
            long highWater,
            long storedBlocks,
            long freeBlocks,
            long unrecordedBlocks,
            long awaitingReuseBlocks,
            boolean isQuiet,
            long[] freeStartsAndEnds) {
        int freeRuns() {
            return freeStartsAndEnds.length / 2;
        }

        long freeStart(int run) {
            return freeStartsAndEnds[2 * run];
        }

        long freeEnd(int run) {
            return freeStartsAndEnds[2 * run + 1];
        }
    }

    long freeBlocks() {
        return freeBlocks;
    }

    long highWater() {
        try (var _ = allocationLock.lockExclusive()) {
            return free.highWater();
        }
    }

    SpaceUsage usage() {
        try (var _ = allocationLock.lockExclusive()) {
            return usage;
        }
    }

    void inodesChanged(int by) {
        try (var _ = allocationLock.lockExclusive()) {
            usage = new SpaceUsage(
                    usage.storedBlocks(), usage.mappedBlocks(), usage.sharedBlocks(), usage.inodeCount() + by);
        }
    }

    /**
     * The first extent maps each block of a run that has been allocated, and has no record therefore. Joined on the left to
     * what is in memory only: where many blocks were freed, the store would pass the deletion of each on its way down.
     */
    void referenceFresh(Overlay running, PhysicalRun run) throws IOException {
        try (var _ = allocationLock.lockExclusive()) {
            var after = new ArrayList<Counted>(3);
            count(running, after, run.start(), run.blockCount(), 0, 1);
            replace(running, run, List.of(), coveringInMemory(run.start() - 1), after);
        }
    }

    /** One more extent maps each block of the run. */
    void reference(Overlay running, PhysicalRun run) throws IOException {
        reference(running, List.of(run));
    }

    /** One more extent maps each block, for each time that a run names it. */
    void reference(Overlay running, List<PhysicalRun> runs) throws IOException {
        for (Counted run : summed(runs)) {
            try (var _ = allocationLock.lockExclusive()) {
                adjust(running, new PhysicalRun(run.start, run.length), run.references);
            }
        }
    }

    /** One extent fewer maps each block, for each time that a run names it. */
    void release(Overlay running, List<PhysicalRun> runs) throws IOException {
        for (Counted run : summed(runs)) {
            try (var _ = allocationLock.lockExclusive()) {
                adjust(running, new PhysicalRun(run.start, run.length), -run.references);
            }
        }
    }

    /**
     * How often the runs name each block. A fragmented file's neighbours on the device are far apart in the file: counted one
     * by one, each would split and join records, and leave deletions behind that the next has to step over.
     */
    private static List<Counted> summed(List<PhysicalRun> runs) {
        if (runs.size() == 1) {
            PhysicalRun only = runs.getFirst();
            return List.of(new Counted(only.start(), only.blockCount(), 1));
        }
        var changes = new TreeMap<Long, Long>();
        for (PhysicalRun run : runs) {
            changes.merge(run.start(), 1L, Long::sum);
            changes.merge(run.end(), -1L, Long::sum);
        }
        changes.values().removeIf(change -> change == 0);
        var summed = new ArrayList<Counted>();
        long start = 0;
        long times = 0;
        for (var change : changes.entrySet()) {
            if (times > 0) {
                summed.add(new Counted(start, change.getKey() - start, times));
            }
            start = change.getKey();
            times += change.getValue();
        }
        return summed;
    }

    /** The runs of equal reference count that overlap {@code run}, clipped to it. */
    List<Counted> counts(PhysicalRun run) throws IOException {
        var counts = new ArrayList<Counted>();
        try (var _ = allocationLock.lockShared()) {
            for (Counted record : overlapping(run)) {
                long start = Math.max(record.start, run.start());
                counts.add(new Counted(start, Math.min(record.end(), run.end()) - start, record.references));
            }
        }
        return counts;
    }

    private void adjust(Overlay running, PhysicalRun run, long by) throws IOException {
        List<Counted> before = overlapping(run);
        var after = new ArrayList<Counted>(before.size() + 4);
        long position = run.start();
        for (Counted record : before) {
            if (record.start < run.start()) {
                after.add(new Counted(record.start, run.start() - record.start, record.references));
            }
            long start = Math.max(record.start, run.start());
            long end = Math.min(record.end(), run.end());
            count(running, after, position, start - position, 0, by);
            count(running, after, start, end - start, record.references, by);
            if (record.end() > run.end()) {
                after.add(new Counted(run.end(), record.end() - run.end(), record.references));
            }
            position = end;
        }
        count(running, after, position, run.end() - position, 0, by);
        boolean mayJoinLeft = !after.isEmpty() && after.getFirst().start == run.start();
        replace(running, run, before, mayJoinLeft ? covering(run.start() - 1) : null, after);
    }

    private void count(Overlay running, List<Counted> after, long start, long length, long references, long by)
            throws VfsException {
        if (length == 0) {
            return;
        }
        long now = references + by;
        if (now < 0) {
            throw new VfsException(Errno.EUCLEAN, "V3: released a block that nothing maps: block=" + start);
        }
        if (now == 0) {
            running.addFreed(new PhysicalRun(start, length));
            awaitingReuseBlocks += length;
        } else {
            after.add(new Counted(start, length, now));
        }
        if (references == 0) {
            unrecordedBlocks -= length;
        }
        usage = new SpaceUsage(
                usage.storedBlocks() + (references == 0 ? length : now == 0 ? -length : 0),
                usage.mappedBlocks() + by * length,
                usage.sharedBlocks() + (now > 1 ? length : 0) - (references > 1 ? length : 0),
                usage.inodeCount());
    }

    /**
     * Puts the records {@code after} of the run in the place of those {@code before}, and joins to them the records on both
     * sides where they have the count that the run has now at that side.
     *
     * @param left the record of the block before the run, where it may be joined
     */
    private void replace(
            Overlay running, PhysicalRun run, List<Counted> before, @Nullable Counted left, List<Counted> after)
            throws IOException {
        var gone = new ArrayList<Counted>(before);
        if (left != null && !after.isEmpty() && left.continuedBy(after.getFirst())) {
            gone.addFirst(left);
            after.addFirst(left);
        }
        if (!after.isEmpty() && after.getLast().end() == run.end()) {
            Counted right = startingAt(run.end());
            if (right != null && right.references == after.getLast().references) {
                gone.addLast(right);
                after.addLast(right);
            }
        }
        replace(running, gone, merged(after));
    }

    /** What comes at the place of what goes is put alone: a deletion would look down the store. */
    private void replace(Overlay running, List<Counted> gone, List<Counted> come) throws IOException {
        int next = 0;
        for (Counted record : gone) {
            while (next < come.size() && come.get(next).start < record.start) {
                next++;
            }
            if (next == come.size() || come.get(next).start != record.start) {
                log.delete(running, key(record.start));
            }
        }
        for (Counted record : come) {
            running.put(key(record.start), record.encode());
        }
    }

    private static List<Counted> merged(List<Counted> records) {
        var merged = new ArrayList<Counted>(records.size());
        for (Counted record : records) {
            if (!merged.isEmpty() && merged.getLast().continuedBy(record)) {
                Counted left = merged.removeLast();
                merged.add(new Counted(left.start, left.length + record.length, left.references));
            } else {
                merged.add(record);
            }
        }
        return merged;
    }

    /** The records of which the run has a block. */
    private List<Counted> overlapping(PhysicalRun run) throws IOException {
        var records = new ArrayList<Counted>();
        Counted first = covering(run.start());
        if (first != null) {
            records.add(first);
            if (first.end() >= run.end()) {
                return records;
            }
        }
        if (run.blockCount() > 1) {
            try (var cursor = log.scan(key(run.start() + 1), key(run.end()))) {
                while (cursor.next()) {
                    records.add(Counted.decode(cursor.key(), cursor.value()));
                }
            }
        }
        return records;
    }

    /** The record that has the block, if any. */
    private @Nullable Counted covering(long block) throws IOException {
        var record = block < 0 ? null : log.covering(key(block), LOWEST, covers(block));
        return record == null ? null : Counted.decode(record);
    }

    private @Nullable Counted coveringInMemory(long block) throws IOException {
        var record = block < 0 ? null : log.coveringInMemory(key(block), LOWEST, covers(block));
        return record == null ? null : Counted.decode(record);
    }

    private static TransactionLog.Reach covers(long block) {
        return (key, value) -> Counted.decode(key, value).end() > block;
    }

    private @Nullable Counted startingAt(long block) throws IOException {
        byte[] key = key(block);
        byte[] value = log.get(key);
        return value == null ? null : Counted.decode(key, value);
    }

    private static byte[] key(long block) {
        return RecordKey.of(RecordKey.REFERENCES, block);
    }

    /** A run of blocks that {@code references} extents map each. */
    record Counted(long start, long length, long references) {
        long end() {
            return start + length;
        }

        boolean continuedBy(Counted next) {
            return end() == next.start && references == next.references;
        }

        byte[] encode() {
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(length)
                    .putLong(references)
                    .array();
        }

        static Counted decode(Map.Entry<byte[], byte[]> record) {
            return decode(record.getKey(), record.getValue());
        }

        static Counted decode(byte[] key, byte[] encoded) {
            ByteBuffer value = ByteBuffer.wrap(encoded);
            return new Counted(RecordKey.first(key), value.getLong(), value.getLong());
        }
    }
}
