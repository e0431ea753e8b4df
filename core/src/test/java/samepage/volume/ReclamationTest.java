package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import samepage.block.MemoryBlockDevice;
import samepage.block.Recording;
import samepage.block.RecordingBlockDevice;
import samepage.block.RecordingBlockDevice.Discarded;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

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

    /** What is written again is not given back in between, which a host pays for twice. */
    @Test
    void freedHereAndThere_andWrittenAgain_onlyTheRestIsDiscarded() throws IOException {
        var log = new TransactionLog(new MemoryMetadataStore());
        var space = new SpaceMap(log, new RankedLock(LockRank.ALLOCATION), new SpaceUsage(0, 0, 0, 0), 1, 100);
        try (var reclamation = new Reclamation(device, space)) {
            space.allocate(99);
            reclamation.retire(List.of(new PhysicalRun(10, 1), new PhysicalRun(20, 1), new PhysicalRun(30, 1)));
            while (space.freeBlocks() < 3) { // freed by the reclamation's thread
                Thread.onSpinWait();
            }
            var taken = space.allocate(2);

            reclamation.settle();

            var rest = new BitSet();
            rest.set(10);
            rest.set(20);
            rest.set(30);
            taken.forEach(run -> rest.clear((int) run.start(), (int) run.end()));
            assertThat(discarded()).isEqualTo(rest);
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
