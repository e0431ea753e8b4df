package samepage.volume;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;

/**
 * Reads every block that was written and is referenced, in the order of the device, and verifies its checksum (V4); then
 * names the files that the damaged ones are in. Looks at what was committed when it began; whoever uses the volume meanwhile
 * neither waits nor disturbs, but blocks freed meanwhile are not used again until it ends.
 */
public final class DataScrub {
    private static final int THREADS = 2;
    private static final int READ_BYTES = 4 << 20;
    private static final int MOST_KEPT = 100_000;

    private final BlockDevice device;
    private final ChecksumTable checksums;
    private final Progress progress;
    private final TableWalk references;
    private final TableWalk unwrittenWalk;
    private final TableWalk extents;
    private final List<PhysicalRun> damaged = new ArrayList<>();
    private RunTally.@Nullable Counts unwritten;
    private SpaceMap.Counted unwrittenRun = new SpaceMap.Counted(0, 0, 0);
    private long position;
    private PhysicalRun rest = new PhysicalRun(0, 0);
    private long totalBlocks;
    private long verifiedBlocks;
    private long damagedBlocks;

    /** Is told now and then how far it is; by one thread at a time, which it should not keep. */
    public interface Progress {
        void verified(long blocks, long ofBlocks);
    }

    /** The blocks of a file that a damaged run of the device is mapped by. */
    public record Damage(long ino, long fileBlock, PhysicalRun run) {}

    /**
     * What was found.
     *
     * @param verifiedBlocks blocks that were read
     * @param damagedBlocks those that could not be read, or are not what was written
     * @param damaged where they are, upwards; the first hundred thousand runs
     * @param files what files these are in, by inode and file block; the first hundred thousand places
     */
    public record Report(long verifiedBlocks, long damagedBlocks, List<PhysicalRun> damaged, List<Damage> files) {
        public boolean isClean() {
            return damagedBlocks == 0;
        }
    }

    /** Opens its walks; no commit may come in between, and the caller holds a pin that is older. */
    DataScrub(BlockDevice device, ChecksumTable checksums, CommittedRecords records, Progress progress)
            throws IOException {
        this.device = device;
        this.checksums = checksums;
        this.progress = progress;
        byte[] accounting = records.accounting();
        this.totalBlocks = accounting == null
                ? 0
                : SpaceUsage.Format.decode(accounting).usage().storedBlocks();
        this.references = records.walk(RecordKey.REFERENCES);
        this.unwrittenWalk = records.walk(RecordKey.EXTENT);
        this.extents = records.walk(RecordKey.EXTENT);
    }

    Report run() throws IOException {
        passOverUnwritten();
        verifyAll();
        damaged.sort(Comparator.comparingLong(PhysicalRun::start));
        return new Report(verifiedBlocks, damagedBlocks, List.copyOf(damaged), files());
    }

    /** What is allocated only has no checksum yet. */
    private void passOverUnwritten() throws IOException {
        var tally = new RunTally();
        for (; !unwrittenWalk.isAtEnd(); unwrittenWalk.advance()) {
            Extent extent = ExtentFormat.decode(unwrittenWalk.key(), unwrittenWalk.value());
            if (!extent.written()) {
                tally.add(new PhysicalRun(extent.physicalBlock(), extent.blockCount()));
                totalBlocks -= extent.blockCount();
            }
        }
        unwritten = tally.counts();
        unwrittenRun = unwritten.next();
    }

    private void verifyAll() throws IOException {
        try (var threads = Executors.newFixedThreadPool(THREADS)) {
            var running = new ArrayList<Future<?>>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit((Callable<@Nullable Void>) () -> {
                    verifyRuns();
                    return null;
                }));
            }
            for (Future<?> one : running) {
                await(one);
            }
        }
    }

    private static void await(Future<?> running) throws IOException {
        try {
            running.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while verifying data");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private void verifyRuns() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(READ_BYTES, device.blockSize());
            PhysicalRun run = nextRun();
            while (run.blockCount() > 0) {
                verify(run, buffer.asSlice(0, run.blockCount() * device.blockSize()));
                run = nextRun();
            }
        }
    }

    /** The next neighbouring blocks to read, at most a buffer full; none at the end. */
    private synchronized PhysicalRun nextRun() throws IOException {
        if (rest.blockCount() == 0) {
            rest = nextReferenced();
        }
        long most = READ_BYTES / device.blockSize();
        var run = rest;
        while (run.blockCount() < most) {
            PhysicalRun next = nextReferenced();
            if (next.start() != run.end() || next.blockCount() == 0) {
                rest = next;
                return run;
            }
            run = new PhysicalRun(run.start(), run.blockCount() + next.blockCount());
        }
        rest = new PhysicalRun(run.start() + most, run.blockCount() - most);
        return new PhysicalRun(run.start(), most);
    }

    /** The next run that is referenced and written; empty at the end. */
    private PhysicalRun nextReferenced() throws IOException {
        while (!references.isAtEnd()) {
            var counted = SpaceMap.Counted.decode(references.key(), references.value());
            long start = Math.max(position, counted.start());
            while (unwrittenRun.references() > 0 && unwrittenRun.end() <= start) {
                unwrittenRun = java.util.Objects.requireNonNull(unwritten).next();
            }
            boolean unwrittenHere = unwrittenRun.references() > 0 && unwrittenRun.start() <= start;
            long end = Math.min(counted.end(), unwrittenHere ? unwrittenRun.end() : unwrittenRun.start());
            position = Math.max(position, end);
            if (position >= counted.end()) {
                references.advance();
            }
            if (!unwrittenHere && start < end) {
                return new PhysicalRun(start, end - start);
            }
        }
        return new PhysicalRun(0, 0);
    }

    private void verify(PhysicalRun run, MemorySegment buffer) throws IOException {
        try {
            device.read(run.start(), buffer);
        } catch (IOException e) {
            verifyOneByOne(run, buffer);
            return;
        }
        Checksum[] sums = checksums.get(run.start(), (int) run.blockCount());
        var bad = new ArrayList<PhysicalRun>();
        for (int i = 0; i < sums.length; i++) {
            if (!Checksum.of(buffer, (long) i * device.blockSize(), device.blockSize())
                    .equals(sums[i])) {
                append(bad, run.start() + i);
            }
        }
        note(run.blockCount(), bad);
    }

    /** A part of the run cannot be read; the rest of it may well be. */
    private void verifyOneByOne(PhysicalRun run, MemorySegment buffer) throws IOException {
        Checksum[] sums = checksums.get(run.start(), (int) run.blockCount());
        MemorySegment one = buffer.asSlice(0, device.blockSize());
        var bad = new ArrayList<PhysicalRun>();
        for (int i = 0; i < sums.length; i++) {
            boolean good = false;
            try {
                device.read(run.start() + i, one);
                good = Checksum.of(one, 0, device.blockSize()).equals(sums[i]);
            } catch (IOException e) {
                // Damaged, then.
                good = false;
            }
            if (!good) {
                append(bad, run.start() + i);
            }
        }
        note(run.blockCount(), bad);
    }

    private static void append(List<PhysicalRun> runs, long block) {
        if (!runs.isEmpty() && runs.getLast().end() == block) {
            PhysicalRun left = runs.removeLast();
            runs.add(new PhysicalRun(left.start(), left.blockCount() + 1));
        } else {
            runs.add(new PhysicalRun(block, 1));
        }
    }

    private synchronized void note(long blocks, List<PhysicalRun> bad) {
        verifiedBlocks += blocks;
        for (PhysicalRun run : bad) {
            damagedBlocks += run.blockCount();
            if (damaged.size() < MOST_KEPT) {
                damaged.add(run);
            }
        }
        progress.verified(verifiedBlocks, totalBlocks);
    }

    /** One walk over all extents, where anything is damaged. */
    private List<Damage> files() throws IOException {
        if (damaged.isEmpty()) {
            return List.of();
        }
        var files = new ArrayList<Damage>();
        var byStart = new TreeMap<Long, PhysicalRun>();
        damaged.forEach(run -> byStart.put(run.start(), run));
        for (; !extents.isAtEnd() && files.size() < MOST_KEPT; extents.advance()) {
            Extent extent = ExtentFormat.decode(extents.key(), extents.value());
            if (extent.written()) {
                var before = byStart.floorEntry(extent.physicalBlock());
                long from = before == null ? extent.physicalBlock() : before.getKey();
                for (PhysicalRun run :
                        byStart.subMap(from, true, extent.physicalEnd(), false).values()) {
                    long start = Math.max(run.start(), extent.physicalBlock());
                    long end = Math.min(run.end(), extent.physicalEnd());
                    if (start < end) {
                        long fileBlock = extent.fileBlock() + (start - extent.physicalBlock());
                        files.add(new Damage(extents.first(), fileBlock, new PhysicalRun(start, end - start)));
                    }
                }
            }
        }
        return List.copyOf(files);
    }
}
