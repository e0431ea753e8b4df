package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import samepage.block.MemoryBlockDevice;
import samepage.block.Recording;
import samepage.block.RecordingBlockDevice;
import samepage.block.RecordingBlockDevice.Discarded;

class ReclamationTest {
    private static final int BLOCK = 512;
    private static final int SHORT_RUNS = 50;

    private final Recording recording = new Recording();
    private final RecordingBlockDevice device = new RecordingBlockDevice(new MemoryBlockDevice(BLOCK, 8000), recording);

    private List<Discarded> discards() {
        return recording.entries().stream()
                .map(Recording.Entry::event)
                .filter(Discarded.class::isInstance)
                .map(Discarded.class::cast)
                .toList();
    }

    private BitSet discarded() {
        var blocks = new BitSet();
        discards()
                .forEach(discard ->
                        blocks.set((int) discard.blockIndex(), (int) (discard.blockIndex() + discard.blockCount())));
        return blocks;
    }

    /** Every second block of a file: 50 runs of one. */
    private void freeHereAndThere(Volume volume, TestFiles files) throws IOException {
        var file = files.create("file");
        files.write(file, 0, 2 * SHORT_RUNS);
        volume.commit();
        for (long block = 0; block < 2 * SHORT_RUNS; block += 2) {
            files.punch(file, block, block + 1);
        }
        volume.commit();
    }

    private void awaitShortRuns(Volume volume) {
        Awaitility.await().until(() -> volume.space().snapshot().freeRuns() == SHORT_RUNS);
    }

    /** A volume that nothing happens in by itself. */
    private Volume createAtRest() throws IOException {
        var store = new MemoryMetadataStore();
        VolumeOpening.format(device, store, Superblock.create(BLOCK));
        return new Volume(new VolumeParts(device, store, null, null, null), false, Duration.ofHours(1), 0);
    }

    @Test
    void freedHereAndThere_byTheEnd_everyBlockIsDiscarded() throws IOException {
        try (Volume volume = Volume.createOn(device, new MemoryMetadataStore())) {
            freeHereAndThere(volume, new TestFiles(volume));
        }
        assertThat(discarded().cardinality()).isEqualTo(SHORT_RUNS);
    }

    @Test
    void freedHereAndThere_whenAllIsToBeSettled_everyBlockIsDiscarded() throws IOException {
        try (Volume volume = Volume.createOn(device, new MemoryMetadataStore())) {
            freeHereAndThere(volume, new TestFiles(volume));
            assertThat(volume.audit().problems()).isEmpty(); // asks for it
            assertThat(discarded().cardinality()).isEqualTo(SHORT_RUNS);
        }
    }

    /** Many of them grow together before that, and the host takes as long for one as for thousands. */
    @Test
    void freedHereAndThere_untilThen_nothingIsDiscarded() throws IOException {
        try (Volume volume = createAtRest()) {
            var files = new TestFiles(volume);
            freeHereAndThere(volume, files);
            awaitShortRuns(volume); // what is freed while the thread does not run grows together before it looks
            var file = files.files.firstEntry().getValue();
            for (long block = 1; block < 2 * SHORT_RUNS; block += 2) {
                files.punch(file, block, block + 1);
                volume.commit();
            }
        }
        assertThat(discards()).hasSize(1);
    }

    @Test
    void freedHereAndThere_inUseAgain_isNotDiscarded() throws IOException {
        try (Volume volume = createAtRest()) {
            var files = new TestFiles(volume);
            freeHereAndThere(volume, files);
            awaitShortRuns(volume);
            var again = files.create("again");
            for (int block = 0; block < SHORT_RUNS / 2; block++) {
                files.write(again, block, 1);
            }
            volume.commit();

            assertThat(volume.audit().problems()).isEmpty();

            assertThat(TestFiles.contentOf(volume)).isEqualTo(files.content());
            assertThat(discarded().cardinality()).isEqualTo(SHORT_RUNS / 2);
        }
    }

    /** The host keeps writers of the device waiting while it takes storage back. */
    @Test
    void freedInOneRun_isDiscardedInPieces() throws IOException {
        try (Volume volume = Volume.createOn(device, new MemoryMetadataStore())) {
            var files = new TestFiles(volume);
            var file = files.create("file");
            files.write(file, 0, 5000);
            volume.commit();
            files.punch(file, 0, 5000);
            volume.commit();
        }
        assertThat(discarded().cardinality()).isEqualTo(5000);
        assertThat(discards()).allMatch(discard -> discard.blockCount() <= 2048);
    }
}
