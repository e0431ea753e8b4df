package samepage.dedupe;

import java.io.IOException;
import java.util.Arrays;
import samepage.volume.Checksum;
import samepage.volume.Volume;

/**
 * A volume's checksums as they were read last, by stretches of neighbouring blocks. What is stored again after it was freed
 * shows its old checksum for a while: good enough for a hint.
 */
final class ChecksumCache {
    /** As many as the volume keeps in one record. */
    private static final int STRETCH_BLOCKS = 256;

    private static final int STRETCHES = 256;

    private final Volume volume;
    private final long[] stretchOf = new long[STRETCHES];
    private final long[][] sums = new long[STRETCHES][];

    ChecksumCache(Volume volume) {
        this.volume = volume;
        forget();
    }

    void forget() {
        Arrays.fill(stretchOf, -1);
    }

    /** Puts the fingerprints of a run of blocks into a window. */
    void put(long physicalBlock, long blockCount, long fileBlock, BlockWindow window) throws IOException {
        long done = 0;
        while (done < blockCount) {
            long block = physicalBlock + done;
            int first = (int) (block % STRETCH_BLOCKS);
            long[] stretch = stretch(block / STRETCH_BLOCKS);
            int end = (int) Math.min(STRETCH_BLOCKS, first + blockCount - done);
            for (int i = first; i < end; i++) {
                window.put(fileBlock + done, stretch[2 * i], stretch[2 * i + 1], physicalBlock + done);
                done++;
            }
        }
    }

    private long[] stretch(long index) throws IOException {
        int slot = (int) (index % STRETCHES);
        long[] known = sums[slot];
        if (known != null && stretchOf[slot] == index) {
            return known;
        }
        long[] read = known == null ? new long[2 * STRETCH_BLOCKS] : known;
        Checksum[] checksums = volume.checksumsOf(index * STRETCH_BLOCKS, STRETCH_BLOCKS);
        for (int i = 0; i < STRETCH_BLOCKS; i++) {
            read[2 * i] = checksums[i].high();
            read[2 * i + 1] = checksums[i].low();
        }
        sums[slot] = read;
        stretchOf[slot] = index;
        return read;
    }
}
