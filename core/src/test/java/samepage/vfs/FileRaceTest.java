package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.block.MemoryBlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.vfs.TestMount.Call;
import samepage.vfs.TestMount.Interposer;

/** Interleavings that went wrong once, run on purpose. */
class FileRaceTest {
    private static final int BLOCK = 4096;

    /** Long enough for what is not held back to end; what is held back goes on after it. */
    private static final long WAIT_MILLIS = 300;

    /** Stops one thread at one call, until it is told or has waited long enough. */
    private static final class Gate implements Interposer {
        private final Call call;
        private final boolean stopsAfter;
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);
        private volatile @Nullable String thread;
        private volatile long waitMillis = 10_000;

        Gate(Call call, boolean stopsAfter) {
            this.call = call;
            this.stopsAfter = stopsAfter;
        }

        /** From now on the first such call of the thread stops. */
        void closeFor(String threadName, long maxWaitMillis) {
            waitMillis = maxWaitMillis;
            thread = threadName;
        }

        @Override
        public void before(Call made) {
            if (!stopsAfter) {
                stop(made);
            }
        }

        @Override
        public void after(Call made) {
            if (stopsAfter) {
                stop(made);
            }
        }

        private void stop(Call made) {
            if (made != call || !Thread.currentThread().getName().equals(thread)) {
                return;
            }
            thread = null;
            reached.countDown();
            try {
                var _ = opened.await(waitMillis, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static <T> Future<T> start(String name, Callable<T> action) {
        var executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(name).factory());
        Future<T> future = executor.submit(action);
        executor.shutdown();
        return future;
    }

    private static TestMount mount(Gate gate) throws IOException {
        return mount(gate, new MemoryBlockDevice(BLOCK));
    }

    private static TestMount mount(Gate gate, MemoryBlockDevice device) throws IOException {
        return TestMount.interposed(device, VfsOptions.DEFAULT.withCacheBytes(16L << 20), gate);
    }

    private static MemorySegment filled(int length, int value) {
        byte[] content = new byte[length];
        Arrays.fill(content, (byte) value);
        return MemorySegment.ofArray(content);
    }

    private static byte[] read(OpenFile file, long offset, int length) throws IOException {
        byte[] content = new byte[length];
        return Arrays.copyOf(content, file.read(offset, MemorySegment.ofArray(content)));
    }

    /** A file that has an extent further on, and a dirty page over a hole at its beginning. */
    private static OpenFile dirtyHole(TestMount mount) throws IOException {
        OpenFile file = mount.openOrCreate("/file");
        file.write(10 * BLOCK, filled(BLOCK, 9));
        mount.vfs().sync();
        file.write(0, filled(BLOCK, 7));
        return file;
    }

    @Test
    void allocate_holeWrittenMeanwhile_keepsWhatWasWritten() throws Exception {
        var gate = new Gate(Call.USABLE, false);
        try (var mount = mount(gate);
                var file = dirtyHole(mount)) {
            Thread.sleep(WAIT_MILLIS); // so that the next promise asks the device what is left
            gate.closeFor("allocator", WAIT_MILLIS);
            Future<?> allocator = start("allocator", () -> {
                file.allocate(0, BLOCK, false);
                return null;
            });
            gate.reached.await();
            Future<?> writeback = start("writeback", () -> {
                mount.vfs().io().writeBack(file.inode());
                return null;
            });
            allocator.get();
            writeback.get();
            file.inode().pages().dropClean(0, 100);
            assertThat(read(file, 0, 2)).containsExactly(7, 7);
        }
    }

    @Test
    void truncate_holeWrittenMeanwhile_cutsWhatWasWritten() throws Exception {
        var gate = new Gate(Call.LOOKUP, true);
        try (var mount = mount(gate);
                var file = dirtyHole(mount)) {
            gate.closeFor("truncater", WAIT_MILLIS);
            Future<?> truncater = start("truncater", () -> {
                file.truncate(1);
                return null;
            });
            gate.reached.await();
            mount.vfs().io().writeBack(file.inode());
            gate.opened.countDown();
            truncater.get();
            file.truncate(4);
            assertThat(read(file, 0, 4)).containsExactly(7, 0, 0, 0);
            file.inode().pages().dropClean(0, 100);
            assertThat(read(file, 0, 4)).containsExactly(7, 0, 0, 0);
        }
    }

    @Test
    void read_blockReplacedMeanwhile_isNotGivenToAnotherFile() throws Exception {
        var gate = new Gate(Call.READ, false);
        try (var mount = mount(gate, new MemoryBlockDevice(BLOCK, 6));
                var file = mount.openOrCreate("/file");
                var direct = mount.openOrCreate("/file", OpenFlag.DIRECT);
                var other = mount.openOrCreate("/other", OpenFlag.DIRECT)) {
            direct.write(0, filled(BLOCK, 1));
            mount.vfs().sync();
            gate.closeFor("reader", 10_000);
            Future<byte[]> reader = start("reader", () -> read(file, 0, 1));
            gate.reached.await();
            long before = file.inode().extents().lookup(0, 1).getFirst().physicalBlock();
            Future<?> writer = start("writer", () -> direct.write(0, filled(BLOCK, 2)));
            await().until(() -> file.inode().extents().lookup(0, 1).getFirst().physicalBlock() != before);
            mount.vfs().volume().commit();
            assertThatThrownBy(() -> {
                        for (int block = 0; block < 6; block++) {
                            other.write((long) block * BLOCK, filled(BLOCK, 3));
                        }
                    })
                    .isInstanceOf(VfsException.class);
            gate.opened.countDown();
            assertThat(reader.get()[0]).isIn((byte) 1, (byte) 2);
            writer.get();
        }
    }

    @Test
    void sync_pagesOnTheirWay_waitsForThem() throws Exception {
        var gate = new Gate(Call.WRITE, false);
        try (var mount = mount(gate);
                var file = mount.openOrCreate("/file")) {
            gate.closeFor("samepage-writeback", 10_000);
            // One folio, and enough to be written back at once.
            file.write(0, filled(2 << 20, 1));
            gate.reached.await();
            Future<?> sync = start("sync", () -> {
                mount.vfs().sync();
                return null;
            });
            Thread.sleep(WAIT_MILLIS);
            assertThat(sync.isDone()).isFalse();
            gate.opened.countDown();
            sync.get();
            try (var crashed = mount.afterCrash();
                    var survivor = crashed.openOrCreate("/file")) {
                assertThat(survivor.attributes().sizeBytes()).isEqualTo(2 << 20);
            }
        }
    }

    @Test
    void writeback_storedIntoMeanwhile_eachBlockIsAsOneStoreLeftIt() throws Exception {
        int blocks = 16;
        try (var mount = new TestMount();
                var file = mount.openOrCreate("/file")) {
            file.write(0, filled(blocks * BLOCK, 0));
            var stop = new AtomicBoolean();
            Future<?> writer = start("writer", () -> {
                for (int value = 1; !stop.get(); value = value % 100 + 1) {
                    file.write(0, filled(blocks * BLOCK, value));
                }
                return null;
            });
            byte[] content = new byte[BLOCK];
            long start = System.nanoTime();
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1)) {
                mount.vfs().io().writeBack(file.inode());
                for (int block = 0; block < blocks; block++) {
                    file.inode().readFromDevice(block, MemorySegment.ofArray(content));
                    assertThat(content).containsOnly(content[0]);
                }
            }
            stop.set(true);
            writer.get();
        }
    }

    @Test
    void fsync_attributesInTheCommitUnderWay_waitsForIt() throws Exception {
        var gate = new Gate(Call.APPLY, false);
        try (var mount = mount(gate);
                var file = mount.openOrCreate("/file")) {
            file.write(0, filled(1, 1));
            mount.vfs().sync();
            read(file, 0, 1); // moves the access time, in memory only
            gate.closeFor("commit", 10_000);
            Future<?> commit = start("commit", () -> {
                mount.vfs().volume().commit();
                return null;
            });
            gate.reached.await();
            Future<?> fsync = start("fsync", () -> {
                file.fsync(false);
                return null;
            });
            Thread.sleep(WAIT_MILLIS);
            assertThat(fsync.isDone()).isFalse();
            gate.opened.countDown();
            commit.get();
            fsync.get();
        }
    }

    @Test
    void fsync_emptyNewFile_isThereAfterACrash() throws IOException {
        try (var mount = new TestMount();
                var file = mount.openOrCreate("/file")) {
            file.fsync(false);
            try (var crashed = mount.afterCrash()) {
                assertThat(crashed.vfs()
                                .resolve(Caller.ROOT, TestMount.bytes("/file"))
                                .ino())
                        .isEqualTo(file.ino());
            }
        }
    }

    @Test
    void crash_laterBlockWrittenFirst_isWithinTheFile() throws IOException {
        try (var mount = new TestMount();
                var file = mount.openOrCreate("/file")) {
            file.write(0, filled(6 * BLOCK, 1));
            file.inode().writeBack(4, 5);
            mount.vfs().volume().commit();
            assertThat(mount.vfs().volume().audit().problems()).isEmpty();
            try (var crashed = mount.afterCrash();
                    var survivor = crashed.openOrCreate("/file")) {
                assertThat(survivor.attributes().sizeBytes()).isEqualTo(5 * BLOCK);
                assertThat(read(survivor, 4 * BLOCK, 1)).containsExactly(1);
            }
        }
    }

    @Test
    void writeDirect_ofNothing_changesNothing() throws IOException {
        try (var mount = new TestMount();
                var file = mount.openOrCreate("/file", OpenFlag.DIRECT)) {
            assertThat(file.write(8 * BLOCK, filled(0, 0))).isZero();
            assertThat(file.attributes().sizeBytes()).isZero();
        }
    }

    @Test
    void close_directWriteUnderWay_waitsForIt() throws Exception {
        var gate = new Gate(Call.WRITE, false);
        try (var mount = mount(gate)) {
            OpenFile file = mount.openOrCreate("/file", OpenFlag.DIRECT);
            file.truncate(BLOCK);
            gate.closeFor("", WAIT_MILLIS); // a virtual thread has no name
            var write = file.writeDirectAsync(0, filled(BLOCK, 1));
            mount.vfs().unlink(Caller.ROOT, samepage.volume.Volume.ROOT, TestMount.bytes("file"));
            file.close();
            assertThat(write.isDone() || write.get() == BLOCK).isTrue();
            await().untilAsserted(() ->
                    assertThat(mount.vfs().volume().metadata().orphans()).isEmpty());
        }
    }

    @Test
    @Timeout(60)
    void stoppedVolume_refusesWritersInsteadOfHoldingThem() throws IOException {
        var fails = new AtomicBoolean();
        var mount = TestMount.interposed(
                new MemoryBlockDevice(BLOCK), VfsOptions.DEFAULT.withCacheBytes(4L << 20), new Interposer() {
                    @Override
                    public void before(Call call) {
                        if (call == Call.APPLY && fails.get()) {
                            throw new IllegalStateException("the store is gone");
                        }
                    }
                });
        OpenFile file = mount.openOrCreate("/file");
        fails.set(true);
        assertThatThrownBy(() -> mount.vfs().volume().commit()).isInstanceOf(VfsException.class);
        assertThatThrownBy(() -> {
                    for (long offset = 0; ; offset += 1 << 20) {
                        file.write(offset, filled(1 << 20, 1));
                    }
                })
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
        file.close();
        assertThatThrownBy(() -> mount.vfs().close()).isInstanceOf(VfsException.class);
        try (var survived = mount.afterCrash()) {
            assertThat(survived.vfs().statFs().inodeCount()).isEqualTo(1);
        }
    }

    @Test
    void fullDevice_refusesAndRecovers() throws IOException {
        try (var mount = new TestMount(new MemoryBlockDevice(BLOCK, 64), VfsOptions.DEFAULT);
                var file = mount.openOrCreate("/file")) {
            MemorySegment source = filled(32 * BLOCK, 1);
            assertThat(file.write(0, source)).isEqualTo(32 * BLOCK);
            int rest = 0;
            try {
                while (true) {
                    rest += file.write(32 * BLOCK + rest, filled(BLOCK, 2));
                }
            } catch (VfsException e) {
                assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
            }
            assertThat(rest).isEqualTo(31 * BLOCK); // the first block is the volume's own
            file.fsync(false);
            file.truncate(BLOCK);
            mount.vfs().sync();
            assertThat(file.write(BLOCK, source)).isEqualTo(32 * BLOCK);
            file.fsync(false);
        }
    }

    @Test
    void leaseClosed_anotherIsJustClosingIt_waitsUntilTheFileHasIt() throws Exception {
        var gate = new Gate(Call.LOOKUP, false);
        try (var mount = mount(gate);
                var file = mount.openOrCreate("/file")) {
            file.write(0, filled(BLOCK, 1));
            mount.vfs().sync();
            LayoutLease lease = file.lease(LeaseMode.WRITE, 0, BLOCK, Duration.ofMinutes(1), () -> {});
            lease.write(0, filled(BLOCK, 2));
            gate.closeFor("first", 10_000);
            Future<Boolean> first = start("first", () -> close(lease));
            gate.reached.await();

            Future<Boolean> second = start("second", () -> close(lease));

            assertThatThrownBy(() -> second.get(WAIT_MILLIS, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            gate.opened.countDown();
            first.get();
            second.get();
            assertThat(read(file, 0, 1)).containsExactly(2);
        }
    }

    private static boolean close(LayoutLease lease) throws IOException {
        lease.close();
        return true;
    }

    @ParameterizedTest
    @EnumSource(RemapOptions.Protocol.class)
    void dedupe_anotherOfOtherFilesIsReading_endsBeforeIt(RemapOptions.Protocol protocol) throws Exception {
        var gate = new Gate(Call.READ, false);
        try (var mount = mount(gate);
                var one = withContent(mount, "/one");
                var two = withContent(mount, "/two");
                var three = withContent(mount, "/three");
                var four = withContent(mount, "/four")) {
            one.inode().pages().dropClean(0, 16);
            gate.closeFor("held", 10_000);
            Future<RemapOutcome> held = start("held", () -> dedupe(mount, one, two, protocol));
            gate.reached.await();

            assertThat(dedupe(mount, three, four, protocol)).isInstanceOf(RemapOutcome.Same.class);

            assertThat(held.isDone()).isFalse();
            gate.opened.countDown();
            assertThat(held.get()).isInstanceOf(RemapOutcome.Same.class);
        }
    }

    private static OpenFile withContent(TestMount mount, String path) throws IOException {
        OpenFile file = mount.openOrCreate(path);
        file.write(0, filled(16 * BLOCK, 1));
        file.fsync(false);
        return file;
    }

    private static RemapOutcome dedupe(
            TestMount mount, OpenFile source, OpenFile target, RemapOptions.Protocol protocol) throws IOException {
        return mount.vfs()
                .dedupe(
                        Caller.ROOT,
                        source.attributes().ino(),
                        0,
                        target.attributes().ino(),
                        0,
                        16L * BLOCK,
                        new RemapOptions(protocol, 1));
    }

    @Test
    void allocate_moreThanThereIs_refusedAndTakesNothing() throws IOException {
        try (var mount = new TestMount(new MemoryBlockDevice(BLOCK, 64), VfsOptions.DEFAULT);
                var file = mount.openOrCreate("/file")) {
            file.write(8 * BLOCK, filled(BLOCK, 1));
            file.fsync(false);
            for (long blocks : new long[] {64, 1L << 40, (Long.MAX_VALUE - 1) / BLOCK}) {
                assertThatThrownBy(() -> file.allocate(0, blocks * BLOCK, true))
                        .isInstanceOfSatisfying(
                                VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
            }
            assertThat(file.attributes().mappedBlocks()).isEqualTo(1);
            file.allocate(0, 63 * BLOCK, false);
            assertThat(file.attributes().mappedBlocks()).isEqualTo(63);
            assertThat(file.write(0, filled(8 * BLOCK, 2))).isEqualTo(8 * BLOCK);
            assertThat(file.write(9 * BLOCK, filled(54 * BLOCK, 2))).isEqualTo(54 * BLOCK);
            file.fsync(false);
            file.truncate(0);
        }
    }
}
