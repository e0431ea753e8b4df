package samepage.vfs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Pipe;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;

/** Memory maps as POSIX has them. */
@Timeout(60)
class MappingTest {
    private static final int BLOCK = 4096;

    private TestMount mount;

    @BeforeEach
    void mount() throws IOException {
        mount = new TestMount();
    }

    @AfterEach
    void audit() throws IOException {
        mount.close();
    }

    @Test
    void shared_stores_areSeenByReadersAtOnce() throws IOException {
        try (OpenFile file = file("/a", filled(3 * BLOCK, 'a'));
                Mapping map = file.map(MappingMode.SHARED, 100, 2 * BLOCK)) {
            map.write(BLOCK - 10, segment(filled(20, 'x')));

            byte[] expected = filled(3 * BLOCK, 'a');
            Arrays.fill(expected, 100 + BLOCK - 10, 100 + BLOCK + 10, (byte) 'x');
            assertThat(content(file)).isEqualTo(expected);
        }
    }

    @Test
    void shared_writesOfOthers_areSeenThroughTheMap() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                Mapping map = file.map(MappingMode.READ_ONLY, 0, 2 * BLOCK)) {
            assertThat(map.readWindow(5).get(JAVA_BYTE, 0)).isEqualTo((byte) 'a');

            file.write(5, segment(filled(1, 'b')));

            assertThat(map.readWindow(5).get(JAVA_BYTE, 0)).isEqualTo((byte) 'b');
        }
    }

    @Test
    void shared_storesAfterWriteback_reachTheDeviceToo() throws IOException {
        try (OpenFile file = file("/a", filled(4 * BLOCK, 'a'));
                Mapping map = file.map(MappingMode.SHARED, 0, 4 * BLOCK)) {
            for (char value = 'b'; value < 'g'; value++) {
                map.write(0, segment(filled(4 * BLOCK, value)));
                map.force();
            }
        }
        mount.remount();
        try (OpenFile file = mount.openOrCreate("/a")) {
            assertThat(content(file)).isEqualTo(filled(4 * BLOCK, 'f'));
        }
    }

    @Test
    void forced_crash_keepsWhatWasStored() throws IOException {
        try (OpenFile file = file("/a", filled(BLOCK, 'a'))) {
            file.fsync(false);
            mount.vfs().sync();
            Mapping map = file.map(MappingMode.SHARED, 0, BLOCK);
            map.write(7, segment(filled(3, 'm')));
            map.force();
            try (TestMount after = mount.afterCrash();
                    OpenFile survivor = after.openOrCreate("/a")) {
                byte[] expected = filled(BLOCK, 'a');
                Arrays.fill(expected, 7, 10, (byte) 'm');
                assertThat(content(survivor)).isEqualTo(expected);
            }
            map.close();
        }
    }

    @Test
    void writeback_takesTheWindowAway() throws IOException {
        try (OpenFile file = file("/a", filled(BLOCK, 'a'));
                Mapping map = file.map(MappingMode.SHARED, 0, BLOCK)) {
            MemorySegment window = map.writeWindow(0);
            window.set(JAVA_BYTE, 0, (byte) 'x');

            file.fsync(true);

            assertThatThrownBy(() -> window.set(JAVA_BYTE, 0, (byte) 'y')).isInstanceOf(IllegalStateException.class);
            map.writeWindow(0).set(JAVA_BYTE, 0, (byte) 'z');
            assertThat(content(file)[0]).isEqualTo((byte) 'z');
        }
    }

    @Test
    void private_stores_stayWithTheMap() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                Mapping map = file.map(MappingMode.PRIVATE, 0, 2 * BLOCK)) {
            map.write(0, segment(filled(10, 'p')));
            file.write(BLOCK, segment(filled(BLOCK, 'b')));

            assertThat(map.readWindow(0).get(JAVA_BYTE, 9)).isEqualTo((byte) 'p');
            assertThat(map.readWindow(10).get(JAVA_BYTE, 0)).isEqualTo((byte) 'a');
            assertThat(map.readWindow(BLOCK).get(JAVA_BYTE, 0)).isEqualTo((byte) 'b');
            assertThat(content(file)[0]).isEqualTo((byte) 'a');
        }
    }

    @Test
    void truncated_accessPastTheEnd_failsAndNamesIt() throws IOException {
        try (OpenFile file = file("/a", filled(4 * BLOCK, 'a'))) {
            for (MappingMode mode : new MappingMode[] {MappingMode.SHARED, MappingMode.PRIVATE}) {
                file.truncate(4 * BLOCK);
                try (Mapping map = file.map(mode, 0, 4 * BLOCK)) {
                    MemorySegment window = map.writeWindow(2 * BLOCK);
                    file.truncate(BLOCK + 100);

                    assertThatThrownBy(() -> window.set(JAVA_BYTE, 0, (byte) 'y'))
                            .isInstanceOf(IllegalStateException.class);
                    assertThatThrownBy(() -> map.writeWindow(2 * BLOCK))
                            .isInstanceOfSatisfying(
                                    VfsException.class,
                                    e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT))
                            .hasMessageContaining("size=" + (BLOCK + 100));
                    map.writeWindow(BLOCK + 50).set(JAVA_BYTE, 0, (byte) 'q');
                }
            }
        }
    }

    @Test
    void storedPastTheEnd_thenExtended_readsZeros() throws IOException {
        for (int way = 0; way < 5; way++) {
            try (OpenFile file = file("/tail" + way, filled(100, 'a'));
                    Mapping map = file.map(MappingMode.SHARED, 0, BLOCK)) {
                map.write(90, segment(filled(200, 'x')));
                switch (way) {
                    case 0 -> file.truncate(BLOCK);
                    case 1 -> file.write(300, segment(filled(BLOCK, 'b')));
                    case 2 -> file.allocate(0, BLOCK, false);
                    case 3 -> {
                        file.fsync(true);
                        file.truncate(BLOCK);
                    }
                    default -> {
                        try (OpenFile direct = mount.openOrCreate("/tail" + way, OpenFlag.DIRECT)) {
                            direct.write(BLOCK, MemorySegment.ofArray(filled(BLOCK, 'd')));
                        }
                    }
                }
                byte[] expected = filled(300, 0);
                Arrays.fill(expected, 0, 90, (byte) 'a');
                Arrays.fill(expected, 90, 100, (byte) 'x');
                assertThat(Arrays.copyOf(content(file), 300)).as("way %d", way).isEqualTo(expected);
            }
        }
    }

    @Test
    void punched_windowIsTaken_andReadsZeros() throws IOException {
        try (OpenFile file = file("/a", filled(4 * BLOCK, 'a'));
                Mapping map = file.map(MappingMode.SHARED, 0, 4 * BLOCK)) {
            MemorySegment window = map.writeWindow(BLOCK);
            file.punchHole(BLOCK, BLOCK);

            assertThat(window.scope().isAlive()).isFalse();
            assertThat(map.readWindow(BLOCK).get(JAVA_BYTE, 0)).isZero();
            assertThat(map.readWindow(2 * BLOCK).get(JAVA_BYTE, 0)).isEqualTo((byte) 'a');
        }
    }

    @Test
    void directWrite_isSeenThroughAReadOnlyMap() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                OpenFile direct = mount.openOrCreate("/a", OpenFlag.DIRECT);
                Mapping map = file.map(MappingMode.READ_ONLY, 0, 2 * BLOCK)) {
            assertThat(map.readWindow(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 'a');

            direct.write(0, segment(filled(BLOCK, 'd')));

            assertThat(map.readWindow(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 'd');
            assertThat(map.readWindow(BLOCK).get(JAVA_BYTE, 0)).isEqualTo((byte) 'a');
        }
    }

    @Test
    void clone_ofAMappedFile_hasItsStoresAndStaysApart() throws IOException {
        try (OpenFile source = file("/a", filled(2 * BLOCK, 'a'));
                OpenFile target = file("/b", filled(2 * BLOCK, 'b'));
                Mapping from = source.map(MappingMode.SHARED, 0, 2 * BLOCK);
                Mapping to = target.map(MappingMode.SHARED, 0, 2 * BLOCK)) {
            from.write(0, segment(filled(5, 'x')));
            to.write(0, segment(filled(5, 'y')));

            mount.vfs().cloneRange(Caller.ROOT, source.ino(), 0, target.ino(), 0, 0);

            assertThat(to.readWindow(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 'x');
            from.write(1, segment(filled(1, 's')));
            to.write(2, segment(filled(1, 't')));
            assertThat(Arrays.copyOf(content(source), 5)).asString().isEqualTo("xsxxx");
            assertThat(Arrays.copyOf(content(target), 5)).asString().isEqualTo("xxtxx");
        }
    }

    @Test
    void unlinkedAndClosed_theMapKeepsTheContent() throws IOException {
        OpenFile file = file("/a", filled(BLOCK, 'a'));
        Mapping map = file.map(MappingMode.SHARED, 0, BLOCK);
        file.close();
        ParentAndName place = mount.vfs().resolveParent(Caller.ROOT, TestMount.bytes("/a"));
        mount.vfs().unlink(Caller.ROOT, place.parent(), place.name());

        map.write(0, segment(filled(1, 'x')));

        assertThat(map.readWindow(0).get(JAVA_BYTE, 0)).isEqualTo((byte) 'x');
        map.close();
        assertThatThrownBy(() -> map.readWindow(0)).hasMessageContaining("unmapped");
    }

    @Test
    void unmountedWhileMapped_accessFails() throws IOException {
        OpenFile file = file("/a", filled(BLOCK, 'a'));
        Mapping map = file.map(MappingMode.SHARED, 0, BLOCK);
        MemorySegment window = map.writeWindow(0);
        MemorySegment read = map.readWindow(0);
        file.close();

        mount.remount();

        assertThatThrownBy(() -> window.set(JAVA_BYTE, 0, (byte) 'y')).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> read.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void windowInUseByIo_dedupeAnswersBusyAndChangesNothing() throws Exception {
        try (OpenFile source = file("/a", filled(BLOCK, 'a'));
                OpenFile target = file("/b", filled(BLOCK, 'a'));
                Mapping map = target.map(MappingMode.SHARED, 0, BLOCK);
                var executor = Executors.newSingleThreadExecutor()) {
            Pipe pipe = Pipe.open();
            var reading = executor.submit(() -> {
                while (true) {
                    MemorySegment window = map.writeWindow(0);
                    try {
                        return pipe.source().read(window.asByteBuffer());
                    } catch (IllegalStateException e) { // taken away before the I/O had begun
                        assertThat(window.scope().isAlive()).isFalse();
                    }
                }
            });
            await().until(() -> isInUse(target));

            for (var protocol : RemapOptions.Protocol.values()) {
                assertThatThrownBy(() -> mount.vfs()
                                .dedupe(
                                        Caller.ROOT,
                                        source.ino(),
                                        0,
                                        target.ino(),
                                        0,
                                        BLOCK,
                                        new RemapOptions(protocol, 1)))
                        .isInstanceOfSatisfying(
                                VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY));
            }

            pipe.sink().write(java.nio.ByteBuffer.wrap(filled(3, 'n')));
            reading.get();
            assertThat(Arrays.copyOf(content(target), 4)).asString().isEqualTo("nnna");
        }
    }

    /** Writing back fails while I/O has a window's memory. */
    private static boolean isInUse(OpenFile file) throws IOException {
        try {
            file.fsync(true);
            return false;
        } catch (VfsException e) {
            return e.errno() == Errno.EBUSY;
        }
    }

    /** Stores at full speed against everything that takes windows away: none is lost. */
    @Test
    void storesAgainstWritebackAndDedupe_noneIsLost() throws Exception {
        int blocks = 16;
        try (OpenFile file = file("/a", filled(blocks * BLOCK, 0));
                OpenFile other = file("/b", filled(blocks * BLOCK, 0));
                Mapping map = file.map(MappingMode.SHARED, 0, (long) blocks * BLOCK);
                var executor = Executors.newCachedThreadPool()) {
            var stop = new AtomicBoolean();
            var storing = executor.submit(() -> {
                var value = MemorySegment.ofArray(new byte[1]);
                byte[] expected = new byte[blocks * BLOCK];
                for (int n = 0; !stop.get(); n++) {
                    int at = (int) ((n * 7919L) % expected.length);
                    map.read(at, value);
                    byte seen = value.get(JAVA_BYTE, 0);
                    if (seen != expected[at]) {
                        throw new AssertionError("offset " + at + ": " + seen + " instead of " + expected[at]);
                    }
                    expected[at] = (byte) (n >> 3 & 1);
                    value.set(JAVA_BYTE, 0, expected[at]);
                    map.write(at, value);
                }
                return expected;
            });
            var syncing = executor.submit(() -> {
                while (!stop.get()) {
                    file.fsync(true);
                }
                return null;
            });
            long shared = 0;
            long end = System.nanoTime() + 2_000_000_000L;
            for (int n = 0; System.nanoTime() < end; n++) {
                var protocol = n % 2 == 0 ? RemapOptions.Protocol.LOCKED : RemapOptions.Protocol.OPTIMISTIC;
                RemapOutcome outcome = mount.vfs()
                        .dedupe(
                                Caller.ROOT,
                                n % 3 == 0 ? file.ino() : other.ino(),
                                (long) n % blocks * BLOCK,
                                n % 3 == 0 ? other.ino() : file.ino(),
                                (long) n % blocks * BLOCK,
                                BLOCK,
                                new RemapOptions(protocol, 1));
                if (outcome instanceof RemapOutcome.Differs) {
                    mount.vfs().cloneRange(Caller.ROOT, file.ino(), 0, other.ino(), 0, 0);
                } else {
                    shared++;
                }
            }
            stop.set(true);
            syncing.get();
            assertThat(content(file)).isEqualTo(storing.get());
            assertThat(shared).isPositive();
        }
    }

    private OpenFile file(String path, byte[] content) throws IOException {
        OpenFile file = mount.openOrCreate(path);
        file.write(0, segment(content));
        return file;
    }

    private static byte[] content(OpenFile file) throws IOException {
        byte[] content = new byte[(int) file.attributes().sizeBytes()];
        assertThat(file.read(0, MemorySegment.ofArray(content))).isEqualTo(content.length);
        return content;
    }

    private static MemorySegment segment(byte[] bytes) {
        return MemorySegment.ofArray(bytes);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
