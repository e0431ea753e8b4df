package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.LinuxHostSpace;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.vfs.XattrMode;
import samepage.volume.Volume;
import samepage.volume.VolumeOptions;

/** A volume on a host that has no room left: whoever adds is told so, reading and deleting go on. */
@Timeout(600)
class FullHostTest {
    private static final byte[] XATTR = bytes("user.filler");
    private static final int XATTR_BYTES = 60_000;
    private static final int CONTENT_BYTES = 16 << 20;

    @Test
    void filesAreMadeUntilTheHostIsFull_readingAndDeletingGoOn_andDeletingMakesRoom() throws Exception {
        try (var disk = LoopFileSystem.mount("ext4", 128)) {
            Path directory = disk.directory.resolve("volume");
            var options = VolumeOptions.of(OpenVolume::openStore, LinuxHostSpace::of);
            int made;
            try (Vfs vfs = Vfs.mount(Volume.create(directory, options), VfsOptions.DEFAULT.withCacheBytes(16L << 20))) {
                write(vfs, "content", CONTENT_BYTES);
                write(vfs, "ballast", CONTENT_BYTES);
                vfs.sync();
                made = makeUntilFull(vfs, 0);
                assertThat(made).isGreaterThan(100);
                vfs.sync();
                assertThat(size(vfs, "content")).isEqualTo(CONTENT_BYTES);

                vfs.unlink(Caller.ROOT, Volume.ROOT, bytes("ballast"));
                assertThat(makeUntilFull(vfs, made + 1)).isGreaterThan(made + 50);
                for (int i = 0; i < made; i++) {
                    vfs.unlink(Caller.ROOT, Volume.ROOT, bytes("file" + i));
                }
                vfs.sync();
                assertThat(vfs.volume().isWritable()).isTrue();
                assertThat(vfs.volume().audit().problems()).isEmpty();
            }
            try (Vfs vfs = Vfs.mount(Volume.open(directory, options), VfsOptions.DEFAULT)) {
                assertThat(size(vfs, "content")).isEqualTo(CONTENT_BYTES);
                assertThat(vfs.volume().audit().problems()).isEmpty();
            }
        }
    }

    @Test
    void othersFillTheHost_nothingIsLostAndDeletingMakesRoomAgain() throws Exception {
        try (var disk = LoopFileSystem.mount("ext4", 128)) {
            Path directory = disk.directory.resolve("volume");
            var options = VolumeOptions.of(OpenVolume::openStore, LinuxHostSpace::of);
            try (Vfs vfs = Vfs.mount(Volume.create(directory, options), VfsOptions.DEFAULT.withCacheBytes(16L << 20))) {
                write(vfs, "content", 1 << 20);
                vfs.sync();
                Path others = disk.directory.resolve("others");
                fill(others);
                int made = makeUntilFull(vfs, 0);
                vfs.unlink(Caller.ROOT, Volume.ROOT, bytes("content"));
                assertThat(vfs.volume().isWritable()).isTrue();

                Files.delete(others);
                vfs.sync();
                assertThat(makeUntilFull(vfs, made)).isGreaterThan(made);
                assertThat(vfs.volume().audit().problems()).isEmpty();
            }
        }
    }

    /** Files with an attribute that does not compress; gives the number of the first that there was no room for. */
    private static int makeUntilFull(Vfs vfs, int first) throws IOException {
        var random = new Random(11);
        byte[] value = new byte[XATTR_BYTES];
        for (int i = first; ; i++) {
            try {
                long ino = vfs.create(Caller.ROOT, Volume.ROOT, bytes("file" + i), 0644)
                        .ino();
                random.nextBytes(value);
                vfs.setXattr(Caller.ROOT, ino, XATTR, value, XattrMode.SET);
            } catch (VfsException e) {
                assertThat(e.errno()).as(e.getMessage()).isEqualTo(Errno.ENOSPC);
                return i;
            }
        }
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            byte[] piece = new byte[1 << 16];
            while (true) {
                out.write(piece);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space");
        }
    }

    private static void write(Vfs vfs, String name, int bytes) throws IOException {
        var flags = EnumSet.of(OpenFlag.READ, OpenFlag.WRITE);
        try (OpenFile file = vfs.createAndOpen(Caller.ROOT, Volume.ROOT, bytes(name), 0644, flags)) {
            byte[] content = new byte[bytes];
            new Random(bytes).nextBytes(content);
            file.write(0, MemorySegment.ofArray(content));
        }
    }

    private static long size(Vfs vfs, String name) throws IOException {
        return vfs.lookup(Caller.ROOT, Volume.ROOT, bytes(name)).sizeBytes();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
