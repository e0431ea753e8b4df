package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.MemoryMetadataStore;

/** The finder's decisions, over files that are numbers: what is found, in what order, with how much work. */
class FinderTest {
    private static final int BLOCK = ModelTarget.BLOCK;
    private static final FinderOptions IN_ORDER = FinderOptions.DEFAULT.withThreads(1);
    private static final FinderOptions EVERY_BLOCK = IN_ORDER.withSampleEvery(1);

    /** With so little memory that nearly all is found by samples. */
    private static final FinderOptions SAMPLED = IN_ORDER.withContentsInMemory(16);

    private final ModelTarget files = new ModelTarget();
    private final WatchedTarget target = new WatchedTarget(files);
    private long nextContent = 1;

    private FinderResult run(FinderOptions options) throws IOException {
        return run(options, FinderProgress.NONE);
    }

    private FinderResult run(FinderOptions options, FinderProgress progress) throws IOException {
        target.requests.clear();
        target.blocksRead = 0;
        FinderResult result = new Finder(MemoryMetadataStore::new).run(target, options, progress);
        assertThat(result.differedBytes()).isZero();
        return result;
    }

    private long[] fresh(int blocks) {
        return LongStream.range(0, blocks).map(_ -> nextContent++).toArray();
    }

    private static long[] join(long[]... parts) {
        return Arrays.stream(parts).flatMapToLong(Arrays::stream).toArray();
    }

    private static long[] repeated(long content, int blocks) {
        return LongStream.range(0, blocks).map(_ -> content).toArray();
    }

    /** Whatever is remembered of a long run, it is found whole. */
    @Test
    void run_runBetweenOtherBlocks_growsToItsEndsBothWays() throws IOException {
        for (int i = 0; i < 200; i++) {
            long[] common = fresh(40);
            files.add(join(fresh(i % 7), common, fresh(3)));
            files.add(join(fresh(i % 5 + 1), common, fresh(2)));
        }
        run(IN_ORDER);
        assertThat(target.requestedBlocks()).hasSize(200).containsOnly(40L);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
    }

    @Test
    void run_everyBlockRemembered_reachesTheLeast() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            var tree = new ModelTarget();
            RandomTree.fill(tree, new Random(seed));
            var options = EVERY_BLOCK
                    .withContentsInMemory(50)
                    .withRequestBytes((seed % 20 + 1) * BLOCK)
                    .withMaxWaitingRuns((int) (seed % 3 == 0 ? 1 + seed : 1 << 20));
            FinderResult first = new Finder(MemoryMetadataStore::new).run(tree, options, FinderProgress.NONE);
            assertThat(tree.storedBytes()).as("seed=%d", seed).isEqualTo(tree.leastBytes());
            assertThat(first.differedBytes() + first.leftOut())
                    .as("seed=%d", seed)
                    .isZero();
            var again = new WatchedTarget(tree);
            new Finder(MemoryMetadataStore::new).run(again, options, FinderProgress.NONE);
            assertThat(again.requests).as("seed=%d", seed).isEmpty();
        }
    }

    @Test
    void run_sampled_reachesNearlyTheLeast() throws IOException {
        long possible = 0;
        long freed = 0;
        for (long seed = 0; seed < 300; seed++) {
            var tree = new ModelTarget();
            RandomTree.fill(tree, new Random(seed));
            possible += tree.storedBytes() - tree.leastBytes();
            FinderResult first = new Finder(MemoryMetadataStore::new).run(tree, SAMPLED, FinderProgress.NONE);
            freed += first.freedBytes();
            var again = new WatchedTarget(tree);
            new Finder(MemoryMetadataStore::new).run(again, SAMPLED, FinderProgress.NONE);
            assertThat(again.requests).as("seed=%d", seed).isEmpty();
        }
        assertThat((double) freed / possible).isBetween(0.85, 1.0);
    }

    @Test
    void run_severalThreads_reachTheLeast() throws IOException {
        for (long seed = 0; seed < 100; seed++) {
            var tree = new ModelTarget();
            RandomTree.fill(tree, new Random(seed));
            FinderResult result =
                    new Finder(MemoryMetadataStore::new).run(tree, EVERY_BLOCK.withThreads(4), FinderProgress.NONE);
            assertThat(tree.storedBytes()).as("seed=%d", seed).isEqualTo(tree.leastBytes());
            assertThat(result.differedBytes() + result.leftOut())
                    .as("seed=%d", seed)
                    .isZero();
            assertThat(result.sharedBytes()).as("seed=%d", seed).isLessThanOrEqualTo(result.runBytes());
        }
    }

    @Test
    void run_manyWaitingRuns_areSharedLongestFirst_shortOnesAsFound() throws IOException {
        var random = new Random(7);
        var runs = new ArrayList<long[]>();
        for (int i = 0; i < 500; i++) {
            runs.add(fresh(1 + random.nextInt(60)));
        }
        runs.forEach(files::add);
        runs.forEach(files::add);
        run(IN_ORDER);
        long shortBlocks = RunBatch.SHORT_BYTES / target.blockSize();
        var expected = runs.stream()
                .map(run -> (long) run.length)
                .sorted(Comparator.comparingLong(blocks -> blocks < shortBlocks ? 0 : -blocks))
                .toList();
        assertThat(target.requestedBlocks()).isEqualTo(expected);
    }

    /** Its source is remapped by a longer wait: shared before, it would keep the source's old blocks. */
    @Test
    void run_sourceIsATargetItself_isSharedAfterwards() throws IOException {
        long[] first = fresh(10);
        long[] edit = fresh(1);
        long[] second = fresh(30);
        files.add(join(first, fresh(1), second));
        files.add(join(first, edit, second));
        files.add(join(first, edit, second));
        files.add(join(edit, second));
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
    }

    @Test
    void run_clonesOfACopy_followIt() throws IOException {
        long[] content = fresh(50);
        files.add(content);
        long copy = files.add(content);
        files.addClone(copy);
        files.addClone(copy);
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
    }

    @Test
    void run_clones_askForNothing() throws IOException {
        long original = files.add(fresh(5000));
        for (int i = 0; i < 20; i++) {
            files.addClone(original);
        }
        FinderResult result = run(IN_ORDER);
        assertThat(target.requests).isEmpty();
        assertThat(result.runs()).isZero();
        assertThat(result.indexEntries()).isLessThan(5000 / 3);
    }

    @Test
    void run_tails_matchTheirLikeAlone() throws IOException {
        files.add(1, 2, 3);
        files.addWithTail(100, 1, 2, 3);
        files.addWithTail(200, 1, 2, 3);
        files.addWithTail(100, 1, 2, 3);
        files.addWithTail(100, 4, 3);
        FinderResult result = run(EVERY_BLOCK);
        assertThat(result.leftOut()).isZero();
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
    }

    @Test
    void run_shorterThanWanted_isLeft() throws IOException {
        long[] small = fresh(3);
        long[] large = fresh(4);
        files.add(join(small, fresh(1), large));
        files.add(join(small, fresh(1), large));
        run(EVERY_BLOCK.withMinRunBytes(4 * BLOCK));
        assertThat(target.requestedBlocks()).containsExactly(4L);
    }

    @Test
    void run_longRun_isAskedForInParts() throws IOException {
        long[] content = fresh(100);
        files.add(content);
        files.add(content);
        run(IN_ORDER.withRequestBytes(30 * BLOCK));
        assertThat(target.requestedBlocks()).containsExactly(30L, 30L, 30L, 10L);
    }

    @Test
    void run_longRun_eachPartIsAnnouncedBeforeTheOneBeforeItIsAskedFor() throws IOException {
        long[] content = fresh(100);
        files.add(content);
        files.add(content);
        run(IN_ORDER.withRequestBytes(30 * BLOCK));
        assertThat(target.announced.stream().map(WatchedTarget.Announced::afterRequests))
                .containsExactly(0, 1, 2);
        assertThat(target.announced.stream().map(WatchedTarget.Announced::ranges))
                .containsExactlyElementsOf(target.requests.subList(1, 4));
    }

    // However much is alike, the work is in proportion to the data.

    @Test
    void run_aMillionBlocksAlikeInOneFile_isLinear() throws IOException {
        files.add(repeated(7, 1_000_000));
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(BLOCK);
        assertThat(target.requests).hasSizeLessThan(100);
        assertThat(target.blocksRead).isLessThan(5_000_000);
    }

    /** The first of them stands alone: a leader that no run can grow along. */
    @Test
    void run_aMillionBlocksAlikeAfterAShortFile_takesFewRequests() throws IOException {
        files.add(7);
        files.add(1, 2, 3);
        files.add(repeated(7, 1_000_000));
        files.add(LongStream.range(0, 999_999).map(i -> i % 3 + 1).toArray());
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
        assertThat(target.requests).hasSizeLessThan(200);
    }

    @Test
    void run_aMillionFilesAlike_isLinear() throws IOException {
        for (int i = 0; i < 1_000_000; i++) {
            files.add(7);
        }
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(BLOCK);
        assertThat(target.requests).hasSize(999_999);
        assertThat(target.blocksRead).isLessThan(2_100_000);
    }

    @Test
    void run_manyFilesOfBlocksAlike_isLinear() throws IOException {
        for (int i = 0; i < 1000; i++) {
            files.add(repeated(7, 1000 + i % 13));
        }
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(BLOCK);
        assertThat(target.requests).hasSizeLessThan(3000);
        assertThat(target.blocksRead).isLessThan(8_000_000);
    }

    /** Blocks that are everywhere, between others that are nowhere else. */
    @Test
    void run_everySecondBlockAlike_isLinear() throws IOException {
        long[] mixed =
                LongStream.range(0, 200_000).map(i -> i % 2 == 0 ? 7 : 1000 + i).toArray();
        files.add(mixed);
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
        assertThat(target.blocksRead).isLessThan(100_000L * 80);
    }

    @Test
    void run_prefixesOfEachOther_isLinear() throws IOException {
        long[] content = repeated(7, 1000);
        content[999] = 8;
        for (int i = 0; i < 1000; i++) {
            files.add(Arrays.copyOfRange(content, i, 1000));
        }
        run(IN_ORDER);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
        assertThat(target.blocksRead).isLessThan(5_000_000);
    }

    // What goes wrong, and who stops it.

    @Test
    void run_cancelledWhileScanning_endsSoonWithWhatThereIs() throws IOException {
        for (int i = 0; i < 100; i++) {
            files.add(7, 8);
        }
        FinderResult result = run(IN_ORDER, new FinderProgress() {
            private long files;

            @Override
            public void scanning(long nowFiles, long ofFiles, long bytes) {
                files = nowFiles;
                assertThat(ofFiles).isEqualTo(100);
            }

            @Override
            public boolean isCancelled() {
                return files == 30;
            }
        });
        assertThat(result.isComplete()).isFalse();
        assertThat(result.files()).isEqualTo(30);
        assertThat(target.requests).isEmpty();
    }

    @Test
    void run_cancelledWhileSharing_keepsWhatIsShared() throws IOException {
        long[] content = fresh(1000);
        files.add(content);
        files.add(content);
        FinderResult result = run(IN_ORDER.withRequestBytes(10 * BLOCK), new FinderProgress() {
            private long shared;

            @Override
            public void sharing(long bytes, long ofBytes, long sharedBytes) {
                assertThat(ofBytes).isEqualTo(1000 * BLOCK);
                assertThat(bytes).isEqualTo(sharedBytes);
                shared = sharedBytes;
            }

            @Override
            public boolean isCancelled() {
                return shared >= 50 * BLOCK;
            }
        });
        assertThat(result.isComplete()).isFalse();
        assertThat(result.sharedBytes()).isEqualTo(50 * BLOCK);
        assertThat(result.freedBytes()).isEqualTo(50 * BLOCK);
        assertThat(target.requests).hasSize(5);
    }

    @Test
    void run_fileGone_isLeftOutAndTold() throws IOException {
        long[] one = fresh(10);
        long[] other = fresh(5);
        files.add(one);
        files.add(other);
        long gone = files.add(one);
        files.add(other);
        target.beforeEachShare(request -> {
            if (request.targetFile() == gone) {
                throw new VfsException(Errno.ESTALE).with("inode", gone);
            }
        });
        var leftOut = new ArrayList<Long>();
        FinderResult result = run(IN_ORDER, new FinderProgress() {
            @Override
            public void leftOut(long file, IOException reason) {
                leftOut.add(file);
            }
        });
        assertThat(leftOut).containsExactly(gone);
        assertThat(result.leftOut()).isEqualTo(1);
        assertThat(result.freedBytes()).isEqualTo(5 * BLOCK);
    }

    @Test
    void run_noSpaceLeft_fails() {
        files.add(7);
        files.add(7);
        target.beforeEachShare(_ -> {
            throw new VfsException(Errno.ENOSPC);
        });
        assertThatThrownBy(() -> run(IN_ORDER)).isInstanceOf(VfsException.class);
        files.add(7);
        assertThatThrownBy(() -> run(IN_ORDER.withThreads(4))).isInstanceOf(VfsException.class);
    }

    /** What an index knows from an earlier run is tried, not believed. */
    @Test
    void run_indexOfOtherFiles_doesNoHarm() throws IOException {
        var list = List.of(fresh(10), fresh(20), fresh(30));
        list.forEach(files::add);
        list.reversed().forEach(files::add);
        var index = new MemoryMetadataStore();
        var entries = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        for (long content = 1; content < nextContent; content++) {
            byte[] key = IndexFormat.encodeKey(IndexFormat.keyOf(ModelTarget.fingerprintHigh(content)));
            entries.put(key, IndexFormat.encode(new BlockLocation(content % 6, content % 50)));
        }
        index.apply(entries);
        new Finder(() -> index).run(target, EVERY_BLOCK.withContentsInMemory(1), FinderProgress.NONE);
        assertThat(files.storedBytes()).isEqualTo(files.leastBytes());
    }
}
