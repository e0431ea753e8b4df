package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {
    /** A read or write tells of its bytes as an int. */
    @Test
    void atOnce_moreThanAnIntCounts_isCutToWholeBlocks(@TempDir Path directory) throws IOException {
        try (var sparse = new RandomAccessFile(directory.resolve("sparse").toFile(), "rw");
                Arena arena = Arena.ofConfined()) {
            sparse.setLength(3L << 30);
            MemorySegment huge = sparse.getChannel().map(MapMode.READ_ONLY, 0, 3L << 30, arena);

            assertThat(OpenFile.atOnce(huge).byteSize()).isEqualTo(1L << 30);
            assertThat(OpenFile.atOnce(huge.asSlice(0, 5)).byteSize()).isEqualTo(5);
        }
    }
}
