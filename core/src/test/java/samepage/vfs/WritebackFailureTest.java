package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import samepage.block.FaultyBlockDevice;
import samepage.block.FaultyBlockDevice.Operation;
import samepage.block.MemoryBlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Volume;

/** What becomes of content that cannot be brought to the device. */
@Timeout(60)
class WritebackFailureTest {
    private static final int PIECE = 1 << 20;

    /** Of a round of writeback. */
    private static final int PARTS = 3;

    private static final int PART_BYTES = 4 << 20;

    private final FaultyBlockDevice device = new FaultyBlockDevice(new MemoryBlockDevice(4096));
    private final MemoryMetadataStore store = new MemoryMetadataStore();

    private Vfs mount() throws IOException {
        return Vfs.mount(Volume.createOn(device, store), VfsOptions.DEFAULT.withCacheBytes(8L << 20));
    }

    private static OpenFile create(Vfs vfs) throws IOException {
        return vfs.createAndOpen(Caller.ROOT, Volume.ROOT, TestMount.bytes("file"), 0644, TestMount.READ_WRITE);
    }

    @Test
    void deviceFailsEveryWrite_theWriterIsTold_andAllIsThereWhenItHeals() throws IOException {
        try (Vfs vfs = mount();
                OpenFile file = create(vfs)) {
            device.failAlways(Operation.WRITE, Errno.EIO);

            long written = 0;
            try {
                while (written < 64L * PIECE) {
                    written += file.write(written, filled((int) (written / PIECE)));
                }
            } catch (VfsException e) {
                assertThat(e.errno()).isEqualTo(Errno.EIO);
            }
            assertThat(written).isBetween((long) PIECE, 32L * PIECE);

            device.heal();
            assertIsRefused(() -> file.fsync(false)); // once: what was written before has failed meanwhile
            file.fsync(false);
            byte[] content = new byte[PIECE];
            for (long offset = 0; offset < written; offset += PIECE) {
                assertThat(file.read(offset, MemorySegment.ofArray(content))).isEqualTo(PIECE);
                assertThat(MemorySegment.ofArray(content).mismatch(filled((int) (offset / PIECE))))
                        .isEqualTo(-1);
            }
        }
    }

    /** A page may be neither dirty nor written then: an fsync that succeeded later would lie. */
    @Test
    void writebackMeetsABug_nothingIsCommittedAnyMore() throws IOException {
        Vfs vfs = mount();
        OpenFile file = create(vfs);
        vfs.sync();
        device.before(Operation.WRITE, (block, count) -> {
            throw new IllegalStateException("broken on purpose");
        });
        file.write(0, filled(1));

        assertIsRefused(() -> file.fsync(false));
        device.heal();

        assertIsRefused(() -> file.fsync(false));
        assertIsRefused(vfs::sync);
        file.close();
        assertIsRefused(vfs::close);
    }

    /** The background leaves so little alone for some seconds. */
    private Vfs mountWithDirtyParts() throws IOException {
        Vfs vfs = Vfs.mount(Volume.createOn(device, store), VfsOptions.DEFAULT.withCacheBytes(256L << 20));
        try (OpenFile file = create(vfs)) {
            for (int piece = 0; piece < PARTS * PART_BYTES / PIECE; piece++) {
                file.write((long) piece * PIECE, filled(piece));
            }
        }
        return vfs;
    }

    private static OpenFile open(Vfs vfs, Set<OpenFlag> flags) throws IOException {
        long ino = vfs.lookup(Caller.ROOT, Volume.ROOT, TestMount.bytes("file")).ino();
        return vfs.open(Caller.ROOT, ino, flags);
    }

    @Test
    void onePartCannotBeWritten_thoseBesideItAre_andItIsWrittenLater() throws IOException {
        var written = new AtomicLong();
        try (Vfs vfs = mountWithDirtyParts();
                OpenFile file = open(vfs, TestMount.READ_WRITE)) {
            device.failNth(Operation.WRITE, 2, Errno.EIO);
            assertIsRefused(() -> file.fsync(false));
            device.after(Operation.WRITE, (_, blocks) -> written.addAndGet(blocks));
            file.fsync(false);
            assertThat(written).hasValue(PART_BYTES / 4096);

            try (OpenFile direct = open(vfs, EnumSet.of(OpenFlag.READ, OpenFlag.DIRECT))) {
                byte[] content = new byte[PIECE];
                for (int piece = 0; piece < PARTS * PART_BYTES / PIECE; piece++) {
                    assertThat(direct.read((long) piece * PIECE, MemorySegment.ofArray(content)))
                            .isEqualTo(PIECE);
                    assertThat(MemorySegment.ofArray(content).mismatch(filled(piece)))
                            .isEqualTo(-1);
                }
            }
            assertThat(vfs.volume().audit().problems()).isEmpty();
        }
    }

    @Test
    void severalParts_areOnTheirWayTogether_andNoneIsRecordedBeforeItIsWritten() throws Exception {
        var underWay = new CountDownLatch(PARTS);
        var mayEnd = new CountDownLatch(1);
        try (Vfs vfs = mountWithDirtyParts();
                OpenFile file = open(vfs, TestMount.READ_WRITE)) {
            device.before(Operation.WRITE, (_, _) -> {
                underWay.countDown();
                await(mayEnd);
            });
            var synced = new FutureTask<>(() -> {
                file.fsync(false);
                return true;
            });
            Thread.startVirtualThread(synced);
            boolean areTogether = underWay.await(10, TimeUnit.SECONDS);
            long recorded = vfs.volume().usage().storedBlocks();
            mayEnd.countDown();
            synced.get();
            assertThat(areTogether).isTrue();
            assertThat(recorded).isZero();
            assertThat(vfs.volume().usage().storedBlocks()).isEqualTo(PARTS * PART_BYTES / 4096);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertIsRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
    }

    private static MemorySegment filled(int value) {
        byte[] content = new byte[PIECE];
        Arrays.fill(content, (byte) value);
        return MemorySegment.ofArray(content);
    }
}
