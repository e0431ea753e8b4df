package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import samepage.block.MemoryBlockDevice;
import samepage.block.Recording;
import samepage.block.RecordingBlockDevice;

class RecordingMetadataStoreTest {
    private static final int BLOCK = 4096;

    private final Recording recording = new Recording();
    private final RecordingMetadataStore store = new RecordingMetadataStore(new MemoryMetadataStore(), recording);
    private final RecordingBlockDevice device = new RecordingBlockDevice(new MemoryBlockDevice(BLOCK), recording);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static SortedMap<byte[], byte[]> put(String key, String value) {
        SortedMap<byte[], byte[]> batch = new TreeMap<>(Arrays::compareUnsigned);
        batch.put(bytes(key), bytes(value));
        return batch;
    }

    private static byte firstByte(MemoryBlockDevice device, long blockIndex) throws IOException {
        var block = MemorySegment.ofArray(new byte[BLOCK]);
        device.read(blockIndex, block);
        return block.get(ValueLayout.JAVA_BYTE, 0);
    }

    /** A commit in order: data, flush, batch. Whatever the crash, a batch that is there finds its data. */
    @Test
    void afterCrash_dataFlushedBeforeItsBatch_neverABatchWithoutItsData() throws IOException {
        for (var commit = 1; commit <= 5; commit++) {
            device.write(commit, MemorySegment.ofArray(new byte[BLOCK]).fill((byte) commit));
            device.flush();
            store.apply(put("k", "" + commit));
        }
        Set<Integer> commits = new HashSet<>();
        for (var count = 0; count <= recording.size(); count++) {
            for (var seed = 0; seed < 50; seed++) {
                var value = store.afterCrash(count, seed).get(bytes("k"));
                var commit = value == null ? 0 : Integer.parseInt(new String(value, StandardCharsets.UTF_8));
                var data = device.afterCrash(count, seed);
                commits.add(commit);
                assertThat(commit).isBetween(count / 3, (count + 1) / 3);
                for (var block = 1; block <= commit; block++) {
                    assertThat(firstByte(data, block)).isEqualTo((byte) block);
                }
            }
        }
        assertThat(commits).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
    }

    /** The planted bug: without the flush, some state has the batch and not its data. */
    @Test
    void afterCrash_noFlushBeforeTheBatch_someStateShowsIt() throws IOException {
        device.write(1, MemorySegment.ofArray(new byte[BLOCK]).fill((byte) 1));
        store.apply(put("k", "1"));
        var lost = 0;
        for (var seed = 0; seed < 50; seed++) {
            var hasBatch = store.afterCrash(2, seed).get(bytes("k")) != null;
            if (hasBatch && firstByte(device.afterCrash(2, seed), 1) != 1) {
                lost++;
            }
        }
        assertThat(lost).isPositive();
    }

    @Test
    void after_everyPrefix_thoseBatchesAlone() throws IOException {
        store.apply(put("a", "1"));
        device.flush();
        store.apply(put("a", "2"));

        assertThat(store.after(0).get(bytes("a"))).isNull();
        assertThat(store.after(2).get(bytes("a"))).isEqualTo(bytes("1"));
        assertThat(store.after(3).get(bytes("a"))).isEqualTo(bytes("2"));
        assertThat(store.get(bytes("a"))).isEqualTo(bytes("2"));
    }
}
