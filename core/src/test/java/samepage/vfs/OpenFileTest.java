package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.volume.Volume;

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

    @Test
    void writeDirect_byOneWhoIsNotOfTheFilesGroup_takesBothSetIdBitsAway() throws Exception {
        var stranger = Caller.user(1000, 1000, 0);
        try (var mount = new TestMount()) {
            Vfs vfs = mount.vfs();
            long ino = vfs.create(Caller.ROOT, Volume.ROOT, TestMount.bytes("file"), 0666)
                    .ino();
            var everybodys = SetAttributes.NONE.withMode(06666);
            var flags = EnumSet.of(OpenFlag.WRITE, OpenFlag.DIRECT);
            vfs.setAttributes(Caller.ROOT, ino, everybodys);
            try (OpenFile file = vfs.open(stranger, ino, flags)) {
                file.write(0, MemorySegment.ofArray(new byte[4096]));
                assertThat(file.attributes().mode() & 06000).isZero();

                vfs.setAttributes(Caller.ROOT, ino, everybodys);
                file.writeDirectAsync(0, MemorySegment.ofArray(new byte[4096])).get();
                assertThat(file.attributes().mode() & 06000).isZero();
            }
        }
    }
}
