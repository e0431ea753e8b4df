package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Volume;

/** The finder over a volume: what it finds comes to share storage, and no byte changes. */
class VolumeFinderTest {
    private static final int BLOCK = 4096;

    private final Random random = new Random(42);
    private TestVolume files;
    private WatchedTarget target;

    @BeforeEach
    void createVolume() throws IOException {
        files = new TestVolume();
        target = files.target();
    }

    @AfterEach
    void closeVolume() throws IOException {
        files.close();
    }

    private byte[] random(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        return content;
    }

    private static byte[] join(byte[]... parts) {
        var joined = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] changed(byte[] content, int at) {
        byte[] other = content.clone();
        other[at] ^= 1;
        return other;
    }

    /** However slow the machine is, requests get no shorter. */
    private FinderResult dedupe() throws IOException {
        return files.dedupe(target, FinderOptions.DEFAULT.withThreads(1).withMaxStall(Duration.ofDays(1)));
    }

    @Test
    void run_twoFilesAlike_shareAllWithOneRequest() throws IOException {
        byte[] content = random(100 * BLOCK + 123);
        files.file(content);
        files.file(content);
        FinderResult result = dedupe();
        assertThat(target.requests).hasSize(1);
        assertThat(result.sharedBytes()).isEqualTo(content.length);
        assertThat(result.freedBytes()).isEqualTo(101L * BLOCK);
        assertThat(result.files()).isEqualTo(2);
        assertThat(result.logicalBytes()).isEqualTo(2L * content.length);
        assertThat(result.scannedBlocks()).isEqualTo(202);
        assertThat(result.runs()).isEqualTo(1);
        assertThat(result.isComplete()).isTrue();
        assertThat(files.storedBlocks()).isEqualTo(101);
    }

    @Test
    void run_again_submitsNothing() throws IOException {
        byte[] content = random(300 * BLOCK + 5);
        files.file(content);
        files.file(join(random(3 * BLOCK), content));
        files.file(changed(content, 150 * BLOCK));
        files.file(new byte[20 * BLOCK]);
        dedupe();
        target.requests.clear();
        long stored = files.storedBlocks();
        FinderResult again = dedupe();
        assertThat(target.requests).isEmpty();
        assertThat(again.runs()).isZero();
        assertThat(files.storedBlocks()).isEqualTo(stored);
    }

    @Test
    void run_runsAtOtherBlockOffsets_shareThem() throws IOException {
        byte[] common = random(64 * BLOCK);
        files.file(join(random(5 * BLOCK), common, random(7 * BLOCK)));
        files.file(join(random(11 * BLOCK), common, random(2 * BLOCK)));
        dedupe();
        assertThat(target.requests).hasSize(1);
        assertThat(files.storedBlocks()).isEqualTo(5 + 7 + 11 + 2 + 64);
    }

    @Test
    void run_copyWithEditedBlocks_sharesAllOthers() throws IOException {
        byte[] content = random(200 * BLOCK);
        byte[] edited = content.clone();
        for (int block : new int[] {0, 17, 18, 90, 199}) {
            edited[block * BLOCK + 7] ^= 1;
        }
        files.file(content);
        files.file(edited);
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(205);
    }

    /** The second copy of the edited file finds the edited blocks, too: they are remembered for where they lie. */
    @Test
    void run_twoCopiesWithTheSameEdits_shareTheEditsAsWell() throws IOException {
        byte[] content = random(200 * BLOCK);
        byte[] edited = content.clone();
        for (int block = 10; block < 200; block += 20) {
            edited[block * BLOCK] ^= 1;
        }
        files.file(content);
        files.file(edited);
        files.file(edited);
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(210);
    }

    @Test
    void run_repetitionWithinAFile_sharesWithoutOverlap() throws IOException {
        byte[] part = random(48 * BLOCK);
        files.file(join(part, random(BLOCK), part, part));
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(49);
    }

    @Test
    void run_periodicFile_keepsOnePeriodInFewRequests() throws IOException {
        byte[] period = random(3 * BLOCK);
        byte[] content = new byte[3 * BLOCK * 400];
        for (int i = 0; i < 400; i++) {
            System.arraycopy(period, 0, content, i * period.length, period.length);
        }
        files.file(content);
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(3);
        assertThat(target.requests).hasSizeLessThan(30);
    }

    @Test
    void run_tailsOfTheSameLength_share() throws IOException {
        files.file(random(10));
        byte[] small = random(100);
        files.file(small);
        files.file(small);
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(2);
    }

    /** The tail's checksum is that of the block with zeros behind: the same for tails of other lengths. */
    @Test
    void run_tailsThatDifferInZerosOnly_areNotProposed() throws IOException {
        byte[] content = random(8 * BLOCK);
        Arrays.fill(content, 7 * BLOCK + 100, 8 * BLOCK, (byte) 0);
        files.file(content);
        files.file(Arrays.copyOf(content, 7 * BLOCK + 100));
        files.file(Arrays.copyOf(content, 7 * BLOCK + 200));
        FinderResult result = dedupe();
        assertThat(result.differedBytes()).isZero();
        assertThat(files.storedBlocks()).isEqualTo(10);
    }

    @Test
    void run_tailInsideTheOther_sharesWholeBlocksOnly() throws IOException {
        byte[] content = random(20 * BLOCK);
        files.file(content);
        files.file(Arrays.copyOf(content, 10 * BLOCK + 1));
        FinderResult result = dedupe();
        assertThat(result.sharedBytes()).isEqualTo(10L * BLOCK);
        assertThat(files.storedBlocks()).isEqualTo(21);
    }

    @Test
    void run_otherExtentLayout_sharesAll() throws IOException {
        byte[] content = random(64 * BLOCK);
        files.file(content);
        long scattered = files.file(new byte[0]);
        for (int block = 63; block >= 0; block--) {
            files.write(
                    scattered, (long) block * BLOCK, Arrays.copyOfRange(content, block * BLOCK, (block + 1) * BLOCK));
        }
        assertThat(files.extents(scattered)).hasSizeGreaterThan(1);
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(64);
    }

    @Test
    void run_holesAndPreallocatedBlocks_areNoData() throws IOException {
        byte[] content = random(16 * BLOCK);
        long sparse = files.file(new byte[0]);
        files.truncate(sparse, 4000L * BLOCK);
        files.write(sparse, 3000L * BLOCK, content);
        long other = files.file(content);
        files.preallocate(other, 16L * BLOCK, 8L * BLOCK);
        FinderResult result = dedupe();
        assertThat(result.scannedBlocks()).isEqualTo(32);
        assertThat(result.sharedBytes()).isEqualTo(content.length);
        assertThat(files.storedBlocks()).isEqualTo(16 + 8);
    }

    @Test
    void run_sparseFileOfExabytes_jumpsOverHoles() throws IOException {
        byte[] content = random(16 * BLOCK);
        files.file(content);
        long sparse = files.file(new byte[0]);
        files.writeFarOut(sparse, 1L << 62, 1L << 61, content);
        assertThat(dedupe().sharedBytes()).isEqualTo(content.length);
    }

    @Test
    void run_clones_areSharedAlready() throws IOException {
        long original = files.file(random(100 * BLOCK));
        files.clone(original, files.file(new byte[0]));
        files.clone(original, files.file(new byte[0]));
        dedupe();
        assertThat(target.requests).isEmpty();
    }

    /** A copy that was cloned is freed only when its clones come along. */
    @Test
    void run_clonesOfACopy_followIt() throws IOException {
        byte[] content = random(40 * BLOCK);
        files.file(content);
        long copy = files.file(content);
        files.clone(copy, files.file(new byte[0]));
        files.clone(copy, files.file(new byte[0]));
        dedupe();
        assertThat(files.storedBlocks()).isEqualTo(40);
    }

    /** Each file begins as the one before it ends; and while its beginning is shared, the next one is looked at. */
    @Test
    void run_sharedWhileTheScanGoesOn_missesNothing() throws IOException {
        int count = 500;
        byte[] end = random(4 * BLOCK);
        for (int i = 0; i < count; i++) {
            byte[] next = random(4 * BLOCK);
            files.file(join(end, next));
            end = next;
        }
        files.dedupe(target, FinderOptions.DEFAULT.withThreads(2).withRunsAside(4));
        assertThat(files.storedBlocks()).isEqualTo(4L * (count + 1));
    }

    @Test
    void run_longestFirst() throws IOException {
        byte[] small = random(10 * BLOCK);
        byte[] large = random(90 * BLOCK);
        byte[] middle = random(30 * BLOCK);
        for (byte[] content : List.of(small, large, middle)) {
            files.file(content);
        }
        for (byte[] content : List.of(small, large, middle)) {
            files.file(content);
        }
        dedupe();
        assertThat(target.requestedBlocks()).containsExactly(90L, 30L, 10L);
    }

    @Test
    void run_withinDirectories_touchesNothingElse() throws IOException {
        byte[] content = random(50 * BLOCK);
        files.file(content);
        long directory = files.directory(Volume.ROOT);
        long inside = files.file(files.directory(directory), content);
        long insideToo = files.file(directory, content);
        target = files.targetWithin(List.of(directory));
        FinderResult result = dedupe();
        assertThat(result.files()).isEqualTo(2);
        assertThat(target.requests).singleElement().satisfies(request -> {
            assertThat(request.sourceFile()).isEqualTo(inside);
            assertThat(request.targetFile()).isEqualTo(insideToo);
        });
        assertThat(files.storedBlocks()).isEqualTo(100);
    }

    @Test
    void run_fileChangedMeanwhile_sharesWhatIsLeft() throws IOException {
        byte[] content = random(512 * BLOCK);
        files.file(content);
        long copy = files.file(content);
        target.beforeEachShare(_ -> {
            target.beforeEachShare(_ -> {});
            files.write(copy, 100L * BLOCK, new byte[] {1, 2, 3});
        });
        FinderResult result = dedupe();
        assertThat(result.differedBytes()).isEqualTo(16L * BLOCK);
        assertThat(result.sharedBytes()).isEqualTo((512L - 16) * BLOCK);
        assertThat(result.leftOut()).isZero();
    }

    @Test
    void run_fileTruncatedMeanwhile_isLeftOut() throws IOException {
        byte[] content = random(64 * BLOCK);
        files.file(content);
        long copy = files.file(content);
        byte[] other = random(8 * BLOCK);
        files.file(other);
        files.file(other);
        target.beforeEachShare(request -> {
            if (request.targetFile() == copy) {
                files.truncate(copy, BLOCK);
            }
        });
        FinderResult result = dedupe();
        assertThat(result.leftOut()).isEqualTo(1);
        assertThat(result.sharedBytes()).isEqualTo(other.length);
    }

    /** Each writer knows what it has written; the finder may share what it likes meanwhile. */
    @Test
    void run_othersWriteMeanwhile_everyByteIsTheirs() throws Exception {
        byte[] common = random(256 * BLOCK);
        List<Long> written = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            long ino = files.file(common);
            if (i % 2 == 0) {
                written.add(ino);
            }
        }
        var stop = new AtomicBoolean();
        try (var executor = Executors.newFixedThreadPool(2)) {
            var writers = new ArrayList<Future<Integer>>();
            for (int w = 0; w < 2; w++) {
                var own = written.subList(2 * w, 2 * w + 2);
                var choices = new Random(w);
                writers.add(executor.submit(() -> {
                    int writes = 0;
                    while (!stop.get()) {
                        int block = choices.nextInt(256);
                        byte[] change = choices.nextInt(3) > 0
                                ? Arrays.copyOfRange(common, block * BLOCK, (block + 1) * BLOCK)
                                : new byte[] {(byte) writes};
                        files.write(own.get(choices.nextInt(2)), (long) block * BLOCK, change);
                        writes++;
                    }
                    return writes;
                }));
            }
            try {
                for (int round = 0; round < 20; round++) {
                    FinderResult result = new Finder(MemoryMetadataStore::new)
                            .run(target, FinderOptions.DEFAULT.withThreads(1), FinderProgress.NONE);
                    assertThat(result.leftOut()).isZero();
                }
            } finally {
                stop.set(true);
            }
            for (var writer : writers) {
                assertThat(writer.get()).isPositive();
            }
        }
    }
}
