package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;

/** Layout leases: what a holder may do, and how everybody else gets the range back. */
@Timeout(60)
class LayoutLeaseTest {
    private static final int BLOCK = 4096;
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(50);

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
    void read_leasedBlocks_areTheFilesContent() throws IOException {
        try (OpenFile file = file("/a", filled(3 * BLOCK, 'a'));
                LayoutLease lease = file.lease(LeaseMode.READ, BLOCK, 2 * BLOCK, LONG, LayoutLeaseTest::ignore)) {
            byte[] content = new byte[2 * BLOCK];
            lease.read(0, segment(content));
            assertThat(content).isEqualTo(filled(2 * BLOCK, 'a'));

            var sent = new ByteArrayOutputStream();
            try (var channel = Channels.newChannel(sent)) {
                for (long done = 0; done < BLOCK + 10; ) {
                    done += lease.transferTo(5 + done, BLOCK + 10 - done, channel);
                }
            }
            assertThat(sent.toByteArray()).isEqualTo(filled(BLOCK + 10, 'a'));
            assertThatThrownBy(() -> lease.write(0, segment(content))).satisfies(e -> errno(e, Errno.EBADF));
        }
    }

    @Test
    void write_leasedBlocks_areTheFilesOnceClosed() throws IOException {
        try (OpenFile file = file("/a", filled(4 * BLOCK, 'a'))) {
            LayoutLease lease = file.lease(LeaseMode.WRITE, BLOCK, 3 * BLOCK, LONG, LayoutLeaseTest::ignore);
            lease.write(0, segment(filled(BLOCK, 'b')));
            lease.write(2 * BLOCK, segment(filled(BLOCK, 'c')));
            lease.write(0, segment(filled(BLOCK, 'd')));
            lease.close();

            byte[] expected = filled(4 * BLOCK, 'a');
            Arrays.fill(expected, BLOCK, 2 * BLOCK, (byte) 'd');
            Arrays.fill(expected, 3 * BLOCK, 4 * BLOCK, (byte) 'c');
            assertThat(content(file)).isEqualTo(expected);
            assertThatThrownBy(() -> lease.write(0, segment(new byte[BLOCK]))).satisfies(e -> errno(e, Errno.ESTALE));
        }
        mount.remount();
        assertThat(mount.vfs().volume().audit().problems()).isEmpty();
    }

    @Test
    void lease_moreBlocksThanAnIntCounts_isRefused() throws IOException {
        try (OpenFile file = file("/a", filled(BLOCK, 'a'))) {
            long bytes = BLOCK * (1L << 32);
            file.truncate(bytes);
            assertThatThrownBy(() -> file.lease(LeaseMode.WRITE, 0, bytes, LONG, LayoutLeaseTest::ignore))
                    .satisfies(e -> errno(e, Errno.EINVAL));
        }
    }

    @Test
    void write_theTailBlock_keepsZerosPastTheEnd() throws IOException {
        try (OpenFile file = file("/a", filled(100, 'a'))) {
            try (LayoutLease lease = file.lease(LeaseMode.WRITE, 0, BLOCK, LONG, LayoutLeaseTest::ignore)) {
                lease.write(0, segment(filled(BLOCK, 'b')));
            }
            file.truncate(200);

            byte[] expected = Arrays.copyOf(filled(100, 'b'), 200);
            assertThat(content(file)).isEqualTo(expected);
        }
    }

    @Test
    void write_crashBeforeTheReturn_leavesTheFileAsItWas() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'))) {
            file.fsync(false);
            mount.vfs().sync();
            LayoutLease lease = file.lease(LeaseMode.WRITE, 0, 2 * BLOCK, LONG, LayoutLeaseTest::ignore);
            lease.write(0, segment(filled(BLOCK, 'b')));
            mount.vfs().sync();
            try (TestMount after = mount.afterCrash();
                    OpenFile survivor = after.openOrCreate("/a")) {
                assertThat(content(survivor)).isEqualTo(filled(2 * BLOCK, 'a'));
            }
            lease.close();
        }
    }

    /** Everything that needs the range asks for it, and goes on when it is back. */
    enum Need {
        READ,
        WRITE,
        APPEND_INTO_TAIL,
        DIRECT_READ,
        DIRECT_WRITE,
        MAP_READ,
        MAP_WRITE,
        TRUNCATE,
        PUNCH,
        COLLAPSE,
        INSERT,
        CLONE_FROM,
        CLONE_TO,
        DEDUPE_FROM,
        DEDUPE_TO,
        LEASE;

        void of(TestMount mount, OpenFile file, OpenFile other, OpenFile direct) throws IOException {
            long ino = file.ino();
            long otherIno = other.ino();
            switch (this) {
                case READ -> file.read(0, segment(new byte[1]));
                case WRITE -> file.write(1, segment(filled(1, 'w')));
                case APPEND_INTO_TAIL -> file.write(2 * BLOCK - 1, segment(filled(2, 'w')));
                case DIRECT_READ -> direct.read(0, segment(new byte[BLOCK]));
                case DIRECT_WRITE -> direct.write(0, segment(filled(BLOCK, 'w')));
                case MAP_READ -> {
                    try (Mapping map = file.map(MappingMode.READ_ONLY, 0, BLOCK)) {
                        map.readWindow(0);
                    }
                }
                case MAP_WRITE -> {
                    try (Mapping map = file.map(MappingMode.SHARED, 0, BLOCK)) {
                        map.writeWindow(0);
                    }
                }
                case TRUNCATE -> file.truncate(BLOCK);
                case PUNCH -> file.punchHole(0, BLOCK);
                case COLLAPSE -> file.collapseRange(0, BLOCK);
                case INSERT -> file.insertRange(0, BLOCK);
                case CLONE_FROM -> mount.vfs().cloneRange(Caller.ROOT, ino, 0, otherIno, 0, 0);
                case CLONE_TO -> mount.vfs().cloneRange(Caller.ROOT, otherIno, 0, ino, 0, 0);
                case DEDUPE_FROM -> dedupe(mount, ino, otherIno);
                case DEDUPE_TO -> dedupe(mount, otherIno, ino);
                case LEASE ->
                    file.lease(LeaseMode.WRITE, 0, BLOCK, LONG, LayoutLeaseTest::ignore)
                            .close();
            }
        }

        private static void dedupe(TestMount mount, long source, long target) throws IOException {
            mount.vfs().dedupe(Caller.ROOT, source, 0, target, 0, BLOCK, RemapOptions.DEFAULT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void leasedToWrite_whateverNeedsTheRange_asksAndThenSeesWhatWasWritten(Need need) throws Exception {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                OpenFile other = file("/b", filled(2 * BLOCK, 'a'));
                OpenFile direct = mount.openOrCreate("/a", OpenFlag.DIRECT)) {
            var asked = new AtomicInteger();
            var held = new CompletableFuture<LayoutLease>();
            held.complete(file.lease(LeaseMode.WRITE, 0, 2 * BLOCK, LONG, () -> {
                asked.incrementAndGet();
                giveBack(held);
            }));
            held.join().write(0, segment(filled(2 * BLOCK, 'x')));

            need.of(mount, file, other, direct);

            assertThat(asked).hasValue(1);
            if (need == Need.DEDUPE_FROM || need == Need.DEDUPE_TO) {
                assertThat(content(file)).isEqualTo(filled(2 * BLOCK, 'x'));
                assertThat(content(other)).isEqualTo(filled(2 * BLOCK, 'a'));
            }
            if (need == Need.CLONE_FROM) {
                assertThat(content(other)).isEqualTo(filled(2 * BLOCK, 'x'));
            }
        }
    }

    private static void giveBack(CompletableFuture<LayoutLease> held) {
        try {
            held.join().close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void leasedToRead_whateverChangesTheRange_asks(Need need) throws Exception {
        boolean changes = need != Need.READ && need != Need.DIRECT_READ && need != Need.MAP_READ;
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                OpenFile other = file("/b", filled(2 * BLOCK, 'a'));
                OpenFile direct = mount.openOrCreate("/a", OpenFlag.DIRECT)) {
            var asked = new AtomicInteger();
            var held = new CompletableFuture<LayoutLease>();
            held.complete(file.lease(LeaseMode.READ, 0, 2 * BLOCK, LONG, () -> {
                asked.incrementAndGet();
                giveBack(held);
            }));

            need.of(mount, file, other, direct);

            assertThat(asked).hasValue(changes ? 1 : 0);
            held.join().close();
        }
    }

    @Test
    void leasedToRead_otherRange_isNobodysBusiness() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'));
                LayoutLease lease = file.lease(LeaseMode.READ, 0, BLOCK, SHORT, LayoutLeaseTest::ignore);
                LayoutLease same = file.lease(LeaseMode.READ, 0, BLOCK, SHORT, LayoutLeaseTest::ignore)) {
            file.write(BLOCK, segment(filled(BLOCK, 'b')));

            assertThat(lease.isAskedBack()).isFalse();
            assertThat(same.isAskedBack()).isFalse();
        }
    }

    @Test
    void recalled_holderTooSlow_isFencedAndTheFileIsAsItWas() throws IOException {
        try (OpenFile file = file("/a", filled(2 * BLOCK, 'a'))) {
            LayoutLease lease = file.lease(LeaseMode.WRITE, 0, BLOCK, SHORT, LayoutLeaseTest::ignore);
            lease.write(0, segment(filled(BLOCK, 'x')));

            assertThat(content(file)).isEqualTo(filled(2 * BLOCK, 'a'));

            assertThatThrownBy(() -> lease.write(0, segment(filled(BLOCK, 'y'))))
                    .satisfies(e -> errno(e, Errno.ESTALE))
                    .hasMessageContaining("not given back in time");
            assertThatThrownBy(lease::close).satisfies(e -> errno(e, Errno.ESTALE));
            assertThat(content(file)).isEqualTo(filled(2 * BLOCK, 'a'));
        }
    }

    @Test
    void leasedToRead_fileChangesAndBlocksAreFreed_theyAreNotReused() throws Exception {
        try (OpenFile file = file("/a", filled(BLOCK, 'a'))) {
            var asked = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            var held = new CompletableFuture<LayoutLease>();
            LayoutLease lease = file.lease(LeaseMode.READ, 0, BLOCK, LONG, () -> {
                asked.countDown();
                await(release);
                giveBack(held);
            });
            held.complete(lease);
            try (var executor = Executors.newSingleThreadExecutor()) {
                var writing = executor.submit(() -> file.write(0, segment(filled(BLOCK, 'b'))));
                asked.await();
                byte[] content = new byte[BLOCK];
                lease.read(0, segment(content));
                assertThat(content).isEqualTo(filled(BLOCK, 'a'));
                assertThat(writing.isDone()).isFalse();
                release.countDown();
                writing.get();
            }
        }
    }

    private static void ignore() {}

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** While somebody waits for the range nobody else gets it. */
    @Test
    void grantedAgainAndAgain_whoeverNeedsTheRange_getsIt() throws Exception {
        try (OpenFile file = file("/a", filled(BLOCK, 'a'));
                OpenFile other = file("/b", filled(BLOCK, 'a'));
                var executor = Executors.newFixedThreadPool(3)) {
            var stop = new AtomicBoolean();
            Runnable leasing = () -> {
                while (!stop.get()) {
                    var held = new CompletableFuture<LayoutLease>();
                    try {
                        held.complete(file.lease(LeaseMode.WRITE, 0, BLOCK, LONG, () -> giveBack(held)));
                    } catch (VfsException e) {
                        assertThat(e.errno()).isEqualTo(Errno.EAGAIN);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
            };
            var one = executor.submit(leasing);
            var two = executor.submit(leasing);
            for (int i = 0; i < 200; i++) {
                var outcome =
                        mount.vfs().dedupe(Caller.ROOT, other.ino(), 0, file.ino(), 0, BLOCK, RemapOptions.DEFAULT);
                assertThat(outcome).isInstanceOf(RemapOutcome.Same.class);
            }
            stop.set(true);
            one.get();
            two.get();
            file.write(0, segment(filled(1, 'z'))); // gets back what is still out
        }
    }

    @Test
    void unmounted_leasesAreFenced() throws IOException {
        OpenFile file = file("/a", filled(BLOCK, 'a'));
        LayoutLease toWrite = file.lease(LeaseMode.WRITE, 0, BLOCK, LONG, LayoutLeaseTest::ignore);
        toWrite.write(0, segment(filled(BLOCK, 'x')));
        file.close();

        mount.remount();

        assertThatThrownBy(() -> toWrite.read(0, segment(new byte[BLOCK]))).satisfies(e -> errno(e, Errno.ESTALE));
    }

    private static void errno(Throwable thrown, Errno errno) {
        assertThat(thrown)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
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
