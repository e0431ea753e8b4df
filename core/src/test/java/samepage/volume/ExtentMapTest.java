package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.block.MemoryBlockDevice;

class ExtentMapTest {
    private static final int FILE_BLOCKS = 80;
    private static final int BLOCK = 512;

    private final MemoryMetadataStore store = new MemoryMetadataStore();
    private Volume volume = open();

    private Volume open() {
        try {
            return Volume.createOn(new MemoryBlockDevice(BLOCK), store);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        volume.close();
    }

    /** One file's blocks, each on its own: where it lies (0: nowhere) and whether it was written. */
    private static final class Model {
        final long[] physical = new long[FILE_BLOCKS * 3];
        final boolean[] written = new boolean[FILE_BLOCKS * 3];

        void set(int block, long lies, boolean isWritten) {
            physical[block] = lies;
            written[block] = isWritten;
        }

        long mapped() {
            return Arrays.stream(physical).filter(lies -> lies != 0).count();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void changes_inRandomOrder_mapAsAPlainArrayDoes(long seed) throws IOException {
        var random = new Random(seed);
        var files = new TestFiles(volume);
        var maps = new ArrayList<ExtentMap>();
        var models = new ArrayList<Model>();
        var records = new ArrayList<InodeRecord>();
        for (int i = 0; i < 3; i++) {
            TestFiles.TestFile file = files.create("file" + i);
            records.add(file.record);
            maps.add(file.extents);
            models.add(new Model());
        }
        for (int step = 0; step < 1500; step++) {
            int which = random.nextInt(3);
            change(random, maps.get(which), models.get(which), maps, models);
            verify("seed " + seed + " step " + step, maps.get(which), models.get(which), random);
            if (random.nextInt(40) == 0) {
                volume.commit();
            }
            if (random.nextInt(20) == 0) {
                // As after eviction: a new object knows only what the record says.
                var record = records.get(which).withMappedBlocks(maps.get(which).mappedBlocks());
                maps.set(which, volume.extents(record));
            }
        }
        verifyReferences(models);
    }

    private void change(Random random, ExtentMap map, Model model, List<ExtentMap> maps, List<Model> models)
            throws IOException {
        int from = random.nextInt(FILE_BLOCKS);
        int count = 1 + random.nextInt(random.nextBoolean() ? 3 : FILE_BLOCKS - from);
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                boolean written = random.nextInt(3) > 0;
                List<PhysicalRun> runs = volume.allocate(count);
                try (var transaction = volume.begin()) {
                    int block = from;
                    for (PhysicalRun run : runs) {
                        transaction.reference(run);
                        map.map(transaction, block, run, written);
                        for (long lies = run.start(); lies < run.end(); lies++) {
                            model.set(block++, lies, written);
                        }
                    }
                    transaction.complete();
                }
            }
            case 2 -> {
                try (var transaction = volume.begin()) {
                    map.markWritten(transaction, from, from + count);
                    for (int block = from; block < from + count; block++) {
                        model.written[block] = model.physical[block] != 0;
                    }
                    transaction.complete();
                }
            }
            case 3 -> {
                try (var transaction = volume.begin()) {
                    long end = random.nextInt(4) == 0 ? Long.MAX_VALUE : from + count;
                    assertThat(map.unmap(transaction, from, end)).isEqualTo(end);
                    for (int block = from; block < Math.min(end, model.physical.length); block++) {
                        model.set(block, 0, false);
                    }
                    transaction.complete();
                }
            }
            case 4 -> {
                int which = random.nextInt(3);
                int targetFrom = random.nextInt(FILE_BLOCKS);
                if (models.get(which) != model || Math.abs(targetFrom - from) >= count) {
                    share(map, model, from, count, maps.get(which), models.get(which), targetFrom);
                }
            }
            default -> shift(random, map, model, from, count);
        }
    }

    private void share(
            ExtentMap source,
            Model sourceModel,
            int from,
            int count,
            ExtentMap target,
            Model targetModel,
            int targetFrom)
            throws IOException {
        try (var transaction = volume.begin()) {
            target.share(transaction, source.lookup(from, from + count), from, from + count, targetFrom);
            for (int i = 0; i < count; i++) {
                boolean written = sourceModel.written[from + i];
                targetModel.set(targetFrom + i, written ? sourceModel.physical[from + i] : 0, written);
            }
            transaction.complete();
        }
    }

    private void shift(Random random, ExtentMap map, Model model, int from, int count) throws IOException {
        int by = random.nextBoolean() ? count : -Math.min(count, from);
        if (by > 0
                && Arrays.stream(model.physical, FILE_BLOCKS - by, model.physical.length)
                        .anyMatch(l -> l != 0)) {
            by = -Math.min(count, from);
        }
        try (var transaction = volume.begin()) {
            if (by < 0) {
                map.unmap(transaction, from + by, from);
            }
            map.shift(transaction, from, by);
            transaction.complete();
        }
        var physical = new long[model.physical.length];
        var written = new boolean[model.physical.length];
        int kept = by < 0 ? from + by : from;
        System.arraycopy(model.physical, 0, physical, 0, kept);
        System.arraycopy(model.written, 0, written, 0, kept);
        int length = model.physical.length - from - Math.max(0, by);
        System.arraycopy(model.physical, from, physical, from + by, length);
        System.arraycopy(model.written, from, written, from + by, length);
        System.arraycopy(physical, 0, model.physical, 0, physical.length);
        System.arraycopy(written, 0, model.written, 0, written.length);
    }

    private static void verify(String where, ExtentMap map, Model model, Random random) throws IOException {
        var found = new Model();
        long previousEnd = 0;
        for (Extent extent : map.lookup(0, Long.MAX_VALUE)) {
            assertThat(extent.fileBlock()).as(where).isGreaterThanOrEqualTo(previousEnd);
            previousEnd = extent.endBlock();
            for (long block = extent.fileBlock(); block < extent.endBlock(); block++) {
                found.set((int) block, extent.physicalBlock() + (block - extent.fileBlock()), extent.written());
            }
        }
        assertThat(found.physical).as(where).isEqualTo(model.physical);
        assertThat(found.written).as(where).isEqualTo(model.written);
        assertThat(map.mappedBlocks()).as(where).isEqualTo(model.mapped());

        int from = random.nextInt(FILE_BLOCKS);
        int to = from + random.nextInt(FILE_BLOCKS);
        long mappedWithin = Arrays.stream(model.physical, from, to)
                .filter(lies -> lies != 0)
                .count();
        assertThat(map.lookup(from, to).stream().mapToLong(Extent::blockCount).sum())
                .as(where)
                .isEqualTo(mappedWithin);
        Extent next = map.next(from);
        int wanted = from;
        while (wanted < model.physical.length && model.physical[wanted] == 0) {
            wanted++;
        }
        if (wanted == model.physical.length) {
            assertThat(next).as(where).isNull();
        } else {
            assertThat(next).as(where).isNotNull();
            assertThat(Math.max(from, next.fileBlock())).as(where).isEqualTo(wanted);
        }
    }

    /** V3. */
    private void verifyReferences(List<Model> models) throws IOException {
        var counts = new int[4 << 20];
        models.forEach(model -> Arrays.stream(model.physical).forEach(lies -> counts[(int) lies]++));
        counts[0] = 0;
        long highWater = volume.space().highWater();
        var recorded = new int[counts.length];
        for (SpaceMap.Counted run : volume.space().counts(new PhysicalRun(1, highWater))) {
            Arrays.fill(recorded, (int) run.start(), (int) run.end(), (int) run.references());
        }
        assertThat(recorded).isEqualTo(counts);
    }

    @Test
    void map_oneBlockAfterTheOther_growsOneExtent() throws IOException {
        ExtentMap map = new TestFiles(volume).create("file").extents;
        for (int i = 0; i < 100; i++) {
            PhysicalRun run = volume.allocate(1).getFirst();
            try (var transaction = volume.begin()) {
                transaction.reference(run);
                map.map(transaction, i, run, true);
                transaction.complete();
            }
        }

        assertThat(map.lookup(0, Long.MAX_VALUE)).hasSize(1);
    }

    @Test
    void unmap_ofVeryManyExtents_isDividedOverTransactions() throws IOException {
        var files = new TestFiles(volume);
        var file = files.create("file");
        int extents = 20_000;
        List<PhysicalRun> runs = volume.allocate(2L * extents);
        try (var transaction = volume.begin()) {
            for (int i = 0; i < extents; i++) {
                var run = new PhysicalRun(runs.getFirst().start() + 2L * i, 1);
                transaction.reference(run);
                file.extents.map(transaction, i, run, true);
            }
            transaction.complete();
        }
        long left;
        try (var transaction = volume.begin()) {
            left = file.extents.unmap(transaction, 0, Long.MAX_VALUE);
            transaction.complete();
        }
        assertThat(left).isBetween(1L, (long) extents - 1);
        assertThat(file.extents.mappedBlocks()).isEqualTo(extents - left);
        assertThat(file.extents.lookup(0, left)).isEmpty();
        try (var transaction = volume.begin()) {
            assertThat(file.extents.unmap(transaction, left, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
            transaction.complete();
        }
        assertThat(volume.usage().storedBlocks()).isZero();
    }
}
