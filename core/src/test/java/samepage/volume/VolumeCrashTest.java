package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.block.MemoryBlockDevice;
import samepage.block.Recording;
import samepage.block.RecordingBlockDevice;

/** After a crash at any moment, the volume is one of the states that were committed, as a whole (V1, V2, V5). */
class VolumeCrashTest {
    private static final int BLOCK = 1024;
    private static final int OPERATIONS = 120;

    /** What the files should hold once a batch is applied that comes at or after this place of the recording. */
    private record Closed(int recorded, Map<Long, Map<Long, Long>> content) {}

    private final Recording recording = new Recording();
    private final RecordingBlockDevice device = new RecordingBlockDevice(new MemoryBlockDevice(BLOCK, 400), recording);
    private final RecordingMetadataStore store = new RecordingMetadataStore(new MemoryMetadataStore(), recording);
    private final List<Closed> closed = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void crash_atAnyMomentOfRandomOperations_leavesACommittedState(long seed) throws IOException {
        var random = new Random(seed);
        int created;
        try (Volume volume = Volume.createOn(device, store)) {
            created = recording.size();
            closed.add(new Closed(0, Map.of()));
            var files = new TestFiles[1];
            files[0] = new TestFiles(volume, () -> closed.add(new Closed(recording.size(), files[0].content())));
            for (int i = 0; i < OPERATIONS; i++) {
                files[0].operate(random);
            }
            files[0].verifyContent();
            files[0].audit();
        }
        for (int count = created; count <= recording.size(); count++) {
            verifyCrash(count, seed * 1000 + count);
        }
    }

    private void verifyCrash(int count, long seed) throws IOException {
        String where = "crash after " + count + " operations, seed " + seed;
        try (Volume volume = Volume.openOn(device.afterCrash(count, seed), store.afterCrash(count, seed))) {
            assertThat(volume.audit().problems()).as(where).isEmpty();
            Map<Long, Map<Long, Long>> content;
            try {
                content = TestFiles.contentOf(volume);
            } catch (IOException e) {
                throw new AssertionError(where, e);
            }
            assertThat(candidates(count)).as(where).contains(content);

            var files = new TestFiles(volume);
            files.freeOrphans();
            var random = new Random(seed);
            for (int i = 0; i < 10; i++) {
                files.operate(random);
            }
            files.audit();
            files.verifyContent();
        }
    }

    /** The state of the last batch within the count, and those of batches that were under way. */
    private Set<Map<Long, Map<Long, Long>>> candidates(int count) {
        List<Recording.Entry> started = recording.startedWithin(count);
        var candidates = new HashSet<Map<Long, Map<Long, Long>>>();
        int last = 0;
        for (int i = 0; i < started.size(); i++) {
            if (started.get(i).event() instanceof RecordingMetadataStore.Applied) {
                if (i < count) {
                    last = i;
                } else {
                    candidates.add(contentOfBatch(i));
                }
            }
        }
        candidates.add(contentOfBatch(last));
        return candidates;
    }

    private Map<Long, Map<Long, Long>> contentOfBatch(int at) {
        return closed.stream()
                .filter(c -> c.recorded() <= at)
                .reduce((earlier, later) -> later)
                .orElseThrow()
                .content();
    }
}
