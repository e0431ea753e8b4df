package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectReadsTest extends BlockDeviceContract {
    private static final int ALIGNMENT = 4096;
    private static final int BYTES = 1 << 20;
    private static final int COUNT = BYTES / BLOCK;

    @TempDir
    Path directory;

    private final Arena arena = Arena.ofAuto();

    private Path file() {
        return directory.resolve("blocks");
    }

    @Override
    BlockDevice open() throws IOException {
        FileBlockDevice.createFile(file());
        return FileBlockDevice.open(file(), BLOCK, new PlainHostSpace(file()), false, true);
    }

    private MemorySegment aligned(long seed) {
        MemorySegment memory = arena.allocate(BYTES, ALIGNMENT);
        for (long at = 0; at < BYTES; at += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG, at, seed + at * 31);
        }
        return memory;
    }

    private MemorySegment readAligned(long block) throws IOException {
        MemorySegment target = aligned(-1);
        device.read(block, target);
        return target;
    }

    @Test
    void read_writtenDirectly_sameBytes() throws IOException {
        device.write(COUNT, aligned(5));

        assertThat(readAligned(COUNT).mismatch(aligned(5))).isEqualTo(-1);
    }

    @Test
    void read_writtenThroughTheHostsCache_sameBytes() throws IOException {
        MemorySegment content = aligned(6);
        for (int i = 0; i < COUNT; i++) {
            device.write(i, content.asSlice((long) i * BLOCK, BLOCK));
        }

        assertThat(readAligned(0).mismatch(content)).isEqualTo(-1);
    }

    @Test
    void read_pastTheFilesEnd_zeros() throws IOException {
        device.write(0, aligned(7));
        try (var raw = new RandomAccessFile(file().toFile(), "rw")) {
            raw.setLength(BYTES / 2 + 100);
        }

        MemorySegment read = readAligned(0);

        assertThat(read.asSlice(0, BYTES / 2 + 100).mismatch(aligned(7).asSlice(0, BYTES / 2 + 100)))
                .isEqualTo(-1);
        assertThat(read.asSlice(BYTES / 2 + 100).mismatch(MemorySegment.ofArray(new byte[BYTES / 2 - 100])))
                .isEqualTo(-1);
        assertThat(readAligned(4L * COUNT).mismatch(MemorySegment.ofArray(new byte[BYTES])))
                .isEqualTo(-1);
    }

    @Test
    void read_intoMemoryThatIsNotAligned_sameBytes() throws IOException {
        device.write(0, aligned(8));
        MemorySegment target = arena.allocate(BYTES + 8, ALIGNMENT).asSlice(8, BYTES);

        device.read(0, target);

        assertThat(target.mismatch(aligned(8))).isEqualTo(-1);
    }

    @Test
    void openToReadOnly_directReads_sameBytes() throws IOException {
        device.write(0, aligned(9));
        device.close();

        device = FileBlockDevice.open(file(), BLOCK, new PlainHostSpace(file()), true, true);

        assertThat(readAligned(0).mismatch(aligned(9))).isEqualTo(-1);
    }
}
