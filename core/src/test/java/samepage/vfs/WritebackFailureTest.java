package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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

    private final FaultyBlockDevice device = new FaultyBlockDevice(new MemoryBlockDevice(4096));

    private Vfs mount() throws IOException {
        return Vfs.mount(
                Volume.createOn(device, new MemoryMetadataStore()), VfsOptions.DEFAULT.withCacheBytes(8L << 20));
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
