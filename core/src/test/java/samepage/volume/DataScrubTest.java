package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.block.FaultyBlockDevice;
import samepage.block.MemoryBlockDevice;
import samepage.errno.Errno;

class DataScrubTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 3000;

    private final MemoryBlockDevice memory = new MemoryBlockDevice(BLOCK);
    private final FaultyBlockDevice device = new FaultyBlockDevice(memory);
    private Volume volume = open();
    private final TestFiles files = new TestFiles(volume);
    private TestFiles.TestFile file;
    private TestFiles.TestFile other;

    private Volume open() {
        try {
            return Volume.createOn(device, new MemoryMetadataStore());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void fill() throws IOException {
        file = files.create("file");
        other = files.create("other");
        files.write(file, 0, BLOCKS);
        files.preallocate(file, 5000, 100);
        files.write(other, 10, 20);
        files.share(file, 100, 200, other, 1000);
    }

    @AfterEach
    void closeClean() throws IOException {
        device.heal();
        files.audit();
        volume.close();
    }

    @Test
    void verify_ofGoodData_readsEveryWrittenBlockOnceInLargeReads() throws IOException {
        var last = new AtomicLong();

        DataScrub.Report report = volume.verifyData((blocks, of) -> {
            assertThat(of).isEqualTo(BLOCKS + 20);
            last.set(blocks);
        });

        assertThat(report.isClean()).isTrue();
        assertThat(report.damaged()).isEmpty();
        assertThat(report.verifiedBlocks()).isEqualTo(BLOCKS + 20);
        assertThat(last).hasValue(BLOCKS + 20);
        assertThat(device.count(FaultyBlockDevice.Operation.READ)).isLessThan(12);
    }

    @Test
    void verify_ofOverwrittenBlocks_namesThemAndTheFilesTheyAreIn() throws IOException {
        long physical = physical(150);
        memory.write(physical, MemorySegment.ofArray(new byte[3 * BLOCK]));

        DataScrub.Report report = volume.verifyData((blocks, of) -> {});

        var run = new PhysicalRun(physical, 3);
        assertThat(report.damagedBlocks()).isEqualTo(3);
        assertThat(report.damaged()).containsExactly(run);
        assertThat(report.files())
                .containsExactly(new DataScrub.Damage(file.ino, 150, run), new DataScrub.Damage(other.ino, 1050, run));
        memory.write(physical(2000), MemorySegment.ofArray(new byte[BLOCK]));
        assertThat(volume.verifyData((blocks, of) -> {}).damagedBlocks()).isEqualTo(4);
    }

    @Test
    void verify_ofBlocksThatCannotBeRead_goesOnWithTheRest() throws IOException {
        long physical = physical(1234);
        device.before(FaultyBlockDevice.Operation.READ, (block, count) -> {
            if (block <= physical && physical < block + count) {
                throw new samepage.errno.VfsException(Errno.EIO);
            }
        });

        DataScrub.Report report = volume.verifyData((blocks, of) -> {});

        assertThat(report.damaged()).containsExactly(new PhysicalRun(physical, 1));
        assertThat(report.verifiedBlocks()).isEqualTo(BLOCKS + 20);
        assertThat(report.files()).containsExactly(new DataScrub.Damage(file.ino, 1234, new PhysicalRun(physical, 1)));
    }

    @Test
    void verify_whileFilesAreRewritten_findsNoDamage() throws Exception {
        try (var others = java.util.concurrent.Executors.newSingleThreadExecutor()) {
            var writing = others.submit(() -> {
                var random = new java.util.Random(1);
                for (int i = 0; i < 300; i++) {
                    files.operate(random);
                }
                return null;
            });
            while (!writing.isDone()) {
                assertThat(volume.verifyData((blocks, of) -> {}).damaged()).isEmpty();
            }
            writing.get();
        }
        files.verifyContent();
    }

    @Test
    void pathsOf_filesWithSeveralNames_findsAll() throws IOException {
        long directory = files.createDirectory(Volume.ROOT, "directory");
        long below = files.createDirectory(directory, "below");
        long link = files.createSymlink(below, "link", "target");
        files.link(file, "second");

        var paths = volume.metadata().pathsOf(Set.of(file.ino, link, directory, 4711L));

        assertThat(strings(paths.get(file.ino))).containsExactlyInAnyOrder("file", "second");
        assertThat(strings(paths.get(link))).containsExactly("directory/below/link");
        assertThat(strings(paths.get(directory))).containsExactly("directory");
        assertThat(paths.get(4711L)).isEmpty();
    }

    private static List<String> strings(@Nullable List<byte[]> names) {
        return Objects.requireNonNull(names).stream()
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .toList();
    }

    private long physical(long fileBlock) throws IOException {
        return file.extents.lookup(fileBlock, fileBlock + 1).getFirst().physicalBlock();
    }
}
