package samepage.linux.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.OpenFlags;

/** Clone and dedupe through a mount, and what the kernel keeps to itself meanwhile (race 33). */
abstract class MountSharingSuite {
    private static final int MORE_THAN_WORKERS = 64;
    private static final int BYTES = 1 << 20;
    private static final long CLONE_RANGE = 0x4020E60DL;
    private static final long DEDUPE_RANGE = 0xC038E636L;

    private final byte[] content = new byte[BYTES];
    private Path a = Path.of("");
    private Path b = Path.of("");

    abstract MountedForTest mount();

    @BeforeEach
    void begin() throws IOException {
        mount().begin();
        new Random(1).nextBytes(content);
        a = Files.write(mount().directory().resolve("a"), content);
        b = mount().directory().resolve("b");
    }

    @AfterEach
    void end() throws IOException {
        mount().end();
    }

    private static HostFile open(Path path) throws IOException {
        return HostFile.open(HostPath.of(path), OpenFlags.READ_WRITE, 0);
    }

    private record Verdict(long bytes, int status) {}

    private static Verdict dedupe(Path source, Path target, long length) throws IOException {
        try (HostFile from = open(source);
                HostFile to = open(target);
                Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(56, 8);
            request.set(ValueLayout.JAVA_LONG, 8, length);
            request.set(ValueLayout.JAVA_SHORT, 16, (short) 1);
            request.set(ValueLayout.JAVA_LONG, 24, to.stat().id().inode());
            from.control(DEDUPE_RANGE, request);
            return new Verdict(request.get(ValueLayout.JAVA_LONG, 40), request.get(ValueLayout.JAVA_INT, 48));
        }
    }

    private static void cloneWhole(Path source, Path target) throws IOException {
        try (HostFile from = open(source);
                HostFile to = HostFile.open(HostPath.of(target), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0644)) {
            cloneWhole(from, to);
        }
    }

    private static void cloneWhole(HostFile from, HostFile to) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(32, 8);
            request.set(ValueLayout.JAVA_LONG, 0, from.stat().id().inode());
            to.control(CLONE_RANGE, request);
        }
    }

    @Test
    void clone_ontoAShorterFile_theKernelKnowsItsEnd() throws IOException {
        int flags = OpenFlags.READ_WRITE | OpenFlags.CREATE | OpenFlags.APPEND;
        Path c = mount().directory().resolve("c");
        try (HostFile from = open(a);
                HostFile to = HostFile.open(HostPath.of(b), flags, 0644);
                HostFile other = HostFile.open(HostPath.of(c), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0644);
                Arena arena = Arena.ofConfined()) {
            MemorySegment one = arena.allocate(1);
            to.writeNext(one);
            cloneWhole(from, to);
            to.writeNext(one);
            assertThat(Files.size(b)).isEqualTo(BYTES + 1);
            cloneWhole(from, other);
            assertThat(other.copyTo(from, BYTES - 1, BYTES - 1, 1)).isEqualTo(1);
        }
        assertThat(Files.readAllBytes(b)).startsWith(content);
    }

    @Test
    void dedupe_sameContent_same() throws IOException {
        Files.write(b, content);
        assertThat(dedupe(a, b, BYTES)).isEqualTo(new Verdict(BYTES, 0));
        assertThat(Files.readAllBytes(b)).isEqualTo(content);
    }

    @Test
    void dedupe_otherContent_differs() throws IOException {
        content[BYTES / 2]++;
        Files.write(b, content);
        assertThat(dedupe(a, b, BYTES)).isEqualTo(new Verdict(0, 1));
    }

    @Test
    void dedupe_pastTheEnd_isRefusedInItsStatus() throws IOException {
        Files.write(b, Arrays.copyOf(content, BYTES / 2));
        assertThat(dedupe(a, b, BYTES).status()).isEqualTo(-Errno.EINVAL.number());
    }

    @Test
    void dedupe_targetStoredToThroughAMap_seesTheStore() throws IOException {
        Files.write(b, content);
        try (FileChannel channel = FileChannel.open(b, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            MemorySegment map = channel.map(MapMode.READ_WRITE, 0, BYTES, arena);
            map.set(ValueLayout.JAVA_BYTE, 70_000, (byte) (content[70_000] + 1));
            assertThat(dedupe(a, b, BYTES)).isEqualTo(new Verdict(0, 1));
            map.set(ValueLayout.JAVA_BYTE, 70_000, content[70_000]);
            assertThat(dedupe(a, b, BYTES)).isEqualTo(new Verdict(BYTES, 0));
            map.set(ValueLayout.JAVA_BYTE, 70_000, (byte) (content[70_000] + 1));
        }
        assertThat(Files.readAllBytes(a)).as("the other file").isEqualTo(content);
        content[70_000]++;
        assertThat(Files.readAllBytes(b)).isEqualTo(content);
    }

    @Test
    void clone_wholeFile_hasTheSameContentAndItsOwnFuture() throws IOException {
        Files.writeString(b, "what was there before");
        assertThat(Files.readString(b)).startsWith("what");
        cloneWhole(a, b);
        assertThat(Files.readAllBytes(b)).isEqualTo(content);
        Files.writeString(a, "changed");
        assertThat(Files.readAllBytes(b)).isEqualTo(content);
    }

    @Test
    void clone_sourceStoredToThroughAMap_takesTheStore() throws IOException {
        try (FileChannel channel = FileChannel.open(a, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            MemorySegment map = channel.map(MapMode.READ_WRITE, 0, BYTES, arena);
            map.set(ValueLayout.JAVA_BYTE, 5, (byte) (content[5] + 1));
            cloneWhole(a, b);
        }
        content[5]++;
        assertThat(Files.readAllBytes(b)).isEqualTo(content);
    }

    @Test
    void copyFileRange_isAClone() throws IOException {
        try (HostFile from = open(a);
                HostFile to = HostFile.open(HostPath.of(b), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0644)) {
            assertThat(from.copyTo(to, 0, 0, BYTES)).isEqualTo(BYTES);
            assertThat(from.copyTo(to, 1, BYTES + 7L, 100_000))
                    .as("not at blocks")
                    .isEqualTo(100_000);
        }
        byte[] copied = Files.readAllBytes(b);
        assertThat(Arrays.copyOf(copied, BYTES)).isEqualTo(content);
        assertThat(Arrays.copyOfRange(copied, BYTES + 7, BYTES + 100_007))
                .isEqualTo(Arrays.copyOfRange(content, 1, 100_001));
    }

    @Test
    void seekData_storedToThroughAMap_isData() throws IOException {
        try (FileChannel channel = FileChannel.open(
                        b, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared();
                HostFile seeking = open(a)) {
            assertThat(seeking.seekData(0)).isZero();
            MemorySegment map = channel.map(MapMode.READ_WRITE, 0, BYTES, arena);
            map.set(ValueLayout.JAVA_BYTE, 300_000, (byte) 1);
            try (HostFile other = open(b)) {
                assertThat(other.seekData(0)).isEqualTo(300_000 / 4096 * 4096);
                assertThat(other.seekHole(300_000)).isEqualTo((300_000 / 4096 + 1) * 4096);
            }
        }
    }

    @Test
    void seekData_byMoreProgramsThanWorkers_allAreAnswered() throws Exception {
        var maps = new ArrayList<MemorySegment>();
        try (Arena arena = Arena.ofShared();
                var programs = Executors.newCachedThreadPool()) {
            for (int i = 0; i < MORE_THAN_WORKERS; i++) {
                Path path = mount().directory().resolve("mapped" + i);
                try (FileChannel channel = FileChannel.open(
                        path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    maps.add(channel.map(MapMode.READ_WRITE, 0, BYTES, arena));
                }
            }
            maps.forEach(map -> map.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) 1));
            var start = new CountDownLatch(1);
            var found = new ArrayList<Future<Long>>();
            for (int i = 0; i < MORE_THAN_WORKERS; i++) {
                Path path = mount().directory().resolve("mapped" + i);
                found.add(programs.submit(() -> {
                    try (HostFile file = open(path)) {
                        start.await();
                        return file.seekData(0);
                    }
                }));
            }
            start.countDown();
            for (Future<Long> offset : found) {
                assertThat(offset.get(60, TimeUnit.SECONDS)).isEqualTo(BYTES - 4096L);
            }
        }
    }

    @Test
    void flags_areToldAsTheyWereSet() throws IOException {
        try (HostFile file = open(a);
                Arena arena = Arena.ofConfined()) {
            MemorySegment flags = arena.allocate(8, 8);
            flags.set(ValueLayout.JAVA_INT, 0, 0x20);
            file.control(0x40086602L, flags);
            flags.set(ValueLayout.JAVA_INT, 0, -1);
            file.control(0x80086601L, flags);
            assertThat(flags.get(ValueLayout.JAVA_INT, 0)).isEqualTo(0x20);
            flags.set(ValueLayout.JAVA_INT, 0, 0);
            file.control(0x40086602L, flags);
        }
    }

    @Test
    void number_ofAnothersFile_opensNothing() throws IOException {
        try (HostFile to = HostFile.open(HostPath.of(b), OpenFlags.READ_WRITE | OpenFlags.CREATE, 0666)) {
            long ino;
            try (HostFile from = open(a)) {
                ino = from.stat().id().inode();
            }
            mount().client().run(1001, 1001, new int[0], 0, arena -> {
                MemorySegment request = arena.allocate(32, 8);
                request.set(ValueLayout.JAVA_LONG, 0, ino);
                assertThatThrownBy(() -> RawSyscall.call(RawSyscall.IOCTL, to.number(), CLONE_RANGE, request.address()))
                        .isInstanceOfSatisfying(
                                VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPERM));
                return 0;
            });
        }
    }
}
