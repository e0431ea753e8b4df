package samepage.dedupe;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks for the runs of one file after the other, and fills the index with what is new. */
final class DuplicateScan {
    private static final int TARGET_WINDOW = 1024;
    private static final int SOURCE_WINDOW = 32;
    private static final int SOURCES = 64;

    /** Shorter files are found as whole by their first block. */
    private static final int SMALLEST_WHOLE_BLOCKS = 3;

    /** Of a shorter file the beginning and the whole are remembered, not the end: there are many. */
    private static final int SMALLEST_TAILED_BLOCKS = 8;

    /** How many blocks pass between two looks at whether the finder is cancelled. */
    private static final int BLOCKS_BETWEEN_LOOKS = 1024;

    private final DedupeTarget target;
    private final FingerprintIndex index;
    private final WaitingRuns runs;
    private final Tally tally;
    private final long sampleMask;
    private final long minRunBytes;

    /** The files that leaders were last found in. */
    private final LinkedHashMap<Long, FileBlocks> sources = new LinkedHashMap<>(SOURCES, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, FileBlocks> eldest) {
            return size() > SOURCES;
        }
    };

    DuplicateScan(DedupeTarget target, FingerprintIndex index, WaitingRuns runs, FinderOptions options, Tally tally) {
        this.target = target;
        this.index = index;
        this.runs = runs;
        this.tally = tally;
        this.sampleMask = options.sampleEvery() - 1L;
        this.minRunBytes = options.minRunBytes();
    }

    /** Finds the file's runs. Files come in the order of their ids. */
    void scan(DedupeTarget.File file) throws IOException {
        if (new FileScan(file, new FileBlocks(target, file, TARGET_WINDOW)).scan()) {
            tally.scannedWhole(file);
        }
    }

    private @Nullable FileBlocks source(long id) throws IOException {
        FileBlocks known = sources.get(id);
        if (known != null) {
            return known;
        }
        DedupeTarget.File file = target.file(id);
        if (file == null) {
            return null;
        }
        var source = new FileBlocks(target, file, SOURCE_WINDOW);
        sources.put(id, source);
        return source;
    }

    /** One file's scan: how far it is, and what the last run was. */
    private final class FileScan {
        private final DedupeTarget.File file;
        private final FileBlocks blocks;

        /** The first block that is in no run; runs begin there or later. */
        private long undecided;

        /** The leader of runs that follow each other directly, and where the first of them begins. */
        private BlockLocation repeated = new BlockLocation(-1, -1);

        private long repeatedFrom;

        FileScan(DedupeTarget.File file, FileBlocks blocks) {
            this.file = file;
            this.blocks = blocks;
        }

        /** False where it was cancelled. */
        boolean scan() throws IOException {
            boolean atBoundary = true;
            long scanned = 0;
            long block = blocks.nextData(file.firstBlock());
            long nextLook = block + BLOCKS_BETWEEN_LOOKS;
            undecided = file.firstBlock();
            if (block < blocks.blockCount() && undecided == 0) {
                block = matchWhole(block);
            }
            while (block < blocks.blockCount()) {
                long end = advance(block, atBoundary);
                atBoundary = end > block;
                scanned += Math.max(1, end - block);
                if (end >= nextLook) {
                    if (tally.isCancelled()) {
                        return false;
                    }
                    tally.scanned(scanned, end * target.blockSize());
                    scanned = 0;
                    if (runs.reached(file, Math.max(end, block + 1))) {
                        forget();
                    }
                    nextLook = end + BLOCKS_BETWEEN_LOOKS;
                }
                block = blocks.nextData(Math.max(end, block + 1));
            }
            tally.scanned(scanned, blocks.bytesBetween(0, blocks.blockCount()));
            if (runs.reached(file, blocks.blockCount())) {
                forget();
            }
            return true;
        }

        private void forget() {
            blocks.forget();
            sources.clear();
        }

        /**
         * Where another file with the same content is known, all of this one is one run, and not what its parts have first been
         * seen in. Returns the block to go on with.
         */
        private long matchWhole(long block) throws IOException {
            long fingerprint = blocks.blockCount() < SMALLEST_WHOLE_BLOCKS ? 0 : target.wholeFingerprint(file);
            if (fingerprint == 0) {
                return block;
            }
            BlockLocation leader = index.find(fingerprint, true);
            if (leader != null && leader.isBefore(blocks.id(), block) && leader.block() == block) {
                FileBlocks source = source(leader.file());
                if (source != null
                        && source.blockCount() == blocks.blockCount()
                        && blocks.matches(block, source, block)) {
                    undecided = takeRun(block, source, block);
                    return blocks.nextData(undecided);
                }
            }
            index.put(fingerprint, true, blocks.id(), block);
            return block;
        }

        /** Deals with a block, and with those after it that belong to it: returns where they end, the block itself where it is none. */
        private long advance(long block, boolean atBoundary) throws IOException {
            if (blocks.isZeros(block)) {
                return takeZeros(block);
            }
            return blocks.isSeen(block) ? matchOrigin(block) : match(block, atBoundary || isSample(block));
        }

        /**
         * What was seen before shares its storage with that already, unless that is going to have another one: then this has to
         * follow, or the storage would not come free.
         */
        private long matchOrigin(long block) throws IOException {
            DedupeTarget.Origin origin = target.originOf(file, block);
            if (origin == null) {
                return block;
            }
            FileBlocks source = source(origin.file());
            if (source == null || !blocks.matches(block, source, origin.block())) {
                return block;
            }
            undecided = takeRun(block, source, origin.block());
            return undecided;
        }

        /** Hands on a run of zero blocks, of which a hole is the source. */
        private long takeZeros(long from) throws IOException {
            long to = from + 1;
            while (to < blocks.blockCount() && blocks.nextData(to) == to && blocks.isZeros(to)) {
                to++;
            }
            long offset = from * target.blockSize();
            undecided = to;
            add(new RangePair(BlockWindow.HOLE_FILE, offset, blocks.id(), offset, blocks.bytesBetween(from, to)));
            return to;
        }

        /** By content, so that copies have the same samples; and the last of a file of some length, a whole match or none. */
        private boolean isSample(long block) throws IOException {
            return (blocks.low(block) & sampleMask) == 0
                    || (block == blocks.blockCount() - 1 && block >= SMALLEST_TAILED_BLOCKS - 1);
        }

        /**
         * Looks the block up; where its content is known takes the run around it.
         *
         * @param sampled whether the block is one of those that are remembered for good
         * @return the first block after the run; {@code block} itself where there is none, and the block is indexed now
         */
        private long match(long block, boolean sampled) throws IOException {
            long fingerprint = blocks.high(block);
            BlockLocation leader = index.find(fingerprint, sampled);
            if (leader != null && leader.isBefore(blocks.id(), block)) {
                BlockLocation from = leaderOrRepetition(leader, block);
                FileBlocks source = source(from.file());
                if (source != null && blocks.matches(block, source, from.block())) {
                    undecided = takeRun(block, source, from.block());
                    return undecided;
                }
            }
            index.put(fingerprint, sampled, blocks.id(), block);
            return block;
        }

        /**
         * A short leader that is repeated many times would make as many runs. From its second time on the file itself is the
         * source, with all repetitions so far: each run is twice as long as the one before.
         */
        private BlockLocation leaderOrRepetition(BlockLocation leader, long block) {
            if (block == undecided && leader.equals(repeated)) {
                return new BlockLocation(blocks.id(), repeatedFrom);
            }
            repeated = leader;
            repeatedFrom = block;
            return leader;
        }

        /** Grows a pair of matching blocks downwards, then upwards, and hands on the parts that are not shared already. */
        private long takeRun(long block, FileBlocks source, long sourceBlock) throws IOException {
            long distance = block - sourceBlock;
            long from = block;
            while (from > undecided && blocks.matches(from - 1, source, from - 1 - distance)) {
                from--;
            }
            long limit = source.id() == blocks.id() ? from + distance : blocks.blockCount();
            long partFrom = from;
            boolean partShared = blocks.sharesStorage(from, source, from - distance);
            long at = from + 1;
            for (; at < limit && blocks.matches(at, source, at - distance); at++) {
                if (at % BLOCKS_BETWEEN_LOOKS == 0 && tally.isCancelled()) {
                    break;
                }
                boolean shared = blocks.sharesStorage(at, source, at - distance);
                if (shared != partShared) {
                    takePart(partFrom, at, source, distance, partShared);
                    partFrom = at;
                    partShared = shared;
                }
            }
            takePart(partFrom, at, source, distance, partShared);
            return at;
        }

        private void takePart(long from, long to, FileBlocks source, long distance, boolean shared) throws IOException {
            long length = blocks.bytesBetween(from, to);
            long sourceOffset = (from - distance) * target.blockSize();
            if (length < minRunBytes || (shared && !runs.remaps(source.id(), sourceOffset, length))) {
                return;
            }
            var run = new RangePair(source.id(), sourceOffset, blocks.id(), from * target.blockSize(), length);
            if (add(run)) {
                source.forget();
            }
        }

        private boolean add(RangePair run) throws IOException {
            if (runs.add(run)) {
                forget();
                return true;
            }
            return false;
        }
    }
}
