package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class FileBlockDeviceTest extends BlockDeviceContract {
    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("blocks");
    }

    @Override
    BlockDevice open() throws IOException {
        FileBlockDevice.createFile(file());
        return FileBlockDevice.open(file(), BLOCK);
    }

    static void assertErrno(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Errno errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class,
                        e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }

    @Test
    void createFile_present_refusedAndOnlyOwnersOtherwise() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertErrno(() -> FileBlockDevice.createFile(file()), Errno.EEXIST);
        assertErrno(() -> FileBlockDevice.createFile(directory.resolve("missing/blocks")), Errno.ENOENT);
    }

    @Test
    void open_missingOrDirectory_refused() {
        assertErrno(() -> FileBlockDevice.open(directory.resolve("missing"), BLOCK), Errno.ENOENT);
        assertErrno(() -> FileBlockDevice.open(directory, BLOCK), Errno.EINVAL);
        assertErrno(() -> FileBlockDevice.open(Path.of("/dev/null"), BLOCK), Errno.EINVAL);
    }

    @Test
    void blockCount_sparseFile_boundedByTheHostAlone() {
        assertThat(device.blockCount()).isEqualTo(Long.MAX_VALUE / BLOCK);
    }

    @Test
    void write_farOut_fileStaysSparse() throws IOException {
        device.write(1L << 28, blocks(1, 1));
        device.flush();

        assertSame(read(1L << 28, 1), blocks(1, 1));
        assertThat(Files.size(file())).isEqualTo(((1L << 28) + 1) * BLOCK);
    }

    @Test
    void reopen_afterClose_sameBytes() throws IOException {
        device.write(3, blocks(40, 1));
        device.close();

        device = FileBlockDevice.open(file(), BLOCK);

        assertSame(read(3, 40), blocks(40, 1));
    }

    @Test
    void openReadOnly_writes_refused() throws IOException {
        device.write(3, blocks(4, 1));
        device.close();

        device = FileBlockDevice.openReadOnly(file(), BLOCK, new PlainHostSpace(file()));

        assertSame(read(3, 4), blocks(4, 1));
        assertErrno(() -> device.write(3, blocks(1, 2)), Errno.EROFS);
        assertErrno(() -> device.discard(3, 1), Errno.EROFS);
        device.flush();
    }

    @Test
    void read_fileCutShortInTheMiddleOfABlock_zerosFromThere() throws IOException {
        device.write(0, blocks(2, 1));
        try (var raw = new java.io.RandomAccessFile(file().toFile(), "rw")) {
            raw.setLength(BLOCK + 100);
        }

        var read = read(0, 3);

        assertSame(read.asSlice(0, BLOCK + 100), blocks(2, 1).asSlice(0, BLOCK + 100));
        assertSame(read.asSlice(BLOCK + 100), java.lang.foreign.MemorySegment.ofArray(new byte[2 * BLOCK - 100]));
    }

    @Test
    void read_fileReplacedAndChannelInterrupted_refused() throws Exception {
        device.write(0, blocks(16, 1));
        Files.delete(file());
        FileBlockDevice.createFile(file());
        var target = java.lang.foreign.MemorySegment.ofArray(new byte[16 * BLOCK]);
        var reader = Thread.ofPlatform().unstarted(() -> {
            try {
                while (true) {
                    device.read(0, target);
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("another file stands in the block device's place");
            }
        });

        reader.start();
        while (reader.isAlive()) {
            reader.interrupt();
            Thread.onSpinWait();
        }

        assertErrno(() -> device.read(0, target), Errno.EIO);
    }

    @Test
    void write_largeAndAligned_leavesNothingInTheHostsCache() throws IOException {
        var bytes = 16 << 20;
        try (var arena = Arena.ofConfined();
                var channel = FileChannel.open(file(), StandardOpenOption.READ)) {
            device.write(16, arena.allocate(bytes, BLOCK).fill((byte) 2));

            var cached = channel.map(FileChannel.MapMode.READ_ONLY, 16L * BLOCK, bytes);
            assertThat(cached.isLoaded())
                    .as("written through the host's cache, though the host can write directly")
                    .isFalse();
        }
    }

    @Test
    void discardAndReserve_rangeHandedOnToTheHost() throws IOException {
        var punched = new java.util.ArrayList<Long>();
        var reserved = new java.util.ArrayList<Long>();
        device.close();
        device = FileBlockDevice.open(file(), BLOCK, new HostSpace() {
            @Override
            public void punchHole(long offsetBytes, long lengthBytes) throws IOException {
                punched.add(offsetBytes);
                punched.add(lengthBytes);
                throw new VfsException(Errno.EOPNOTSUPP);
            }

            @Override
            public void reserve(long offsetBytes, long lengthBytes) throws IOException {
                reserved.add(offsetBytes);
                reserved.add(lengthBytes);
                throw new VfsException(Errno.EOPNOTSUPP);
            }

            @Override
            public long allocatedBytes() {
                return 17;
            }

            @Override
            public long usableBytes() {
                return 18;
            }
        });

        device.discard(5, 3);
        device.discard(8, 3);
        device.reserve(6, 2);
        device.reserve(8, 3);

        assertThat(punched).as("asked once, the host cannot").containsExactly(5L * BLOCK, 3L * BLOCK);
        assertThat(reserved).as("the same").containsExactly(6L * BLOCK, 2L * BLOCK);
        assertThat(device.allocatedBytes()).isEqualTo(17);
        assertThat(device.usableBytes()).isEqualTo(18);
    }

    @Test
    void write_diskFull_noSpaceAndWrittenBlocksStay() throws IOException {
        try (var loops = new LoopDevices(directory);
                var arena = Arena.ofConfined()) {
            var small = loops.ext4(16 << 20).resolve("blocks");
            FileBlockDevice.createFile(small);
            try (var full = FileBlockDevice.open(small, BLOCK)) {
                for (var size : new int[] {1 << 20, BLOCK}) {
                    var source = arena.allocate(size, BLOCK).fill((byte) 7);
                    assertErrno(
                            () -> {
                                for (var block = 1_000_000L / size; ; block += size / BLOCK) {
                                    full.write(block, source);
                                }
                            },
                            Errno.ENOSPC);
                }
                assertThat(full.usableBytes()).isLessThan(BLOCK);
                full.flush();
                var target = arena.allocate(BLOCK);
                full.read(1_000_000L / BLOCK, target);
                assertThat(target.get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
                        .isEqualTo((byte) 7);
            }
        }
    }

    @Test
    void write_hostWithoutDirectIo_written() throws IOException {
        var shared = Path.of("/dev/shm");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isWritable(shared), "no memory file system here");
        var inMemory = Files.createTempFile(shared, "samepage", ".blocks");
        try (var memory = FileBlockDevice.open(inMemory, BLOCK);
                var arena = Arena.ofConfined()) {
            var source = arena.allocate(64L * BLOCK, BLOCK).fill((byte) 3);
            var target = arena.allocate(64L * BLOCK, BLOCK);

            memory.write(5, source);
            memory.flush();
            memory.read(5, target);

            assertSame(target, source);
        } finally {
            Files.delete(inMemory);
        }
    }
}
