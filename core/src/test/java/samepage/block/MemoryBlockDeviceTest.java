package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class MemoryBlockDeviceTest extends BlockDeviceContract {
    @Override
    BlockDevice open() {
        return new MemoryBlockDevice(BLOCK, BLOCKS);
    }

    @Test
    void allocatedBytes_writesAndDiscards_countEachBlockOnce() throws IOException {
        device.write(0, blocks(10, 1));
        device.write(5, blocks(10, 2));
        assertThat(device.allocatedBytes()).isEqualTo(15L * BLOCK);

        device.discard(0, 8);
        device.discard(4, 8);
        assertThat(device.allocatedBytes()).isEqualTo(3L * BLOCK);

        device.discard(0, BLOCKS);
        assertThat(device.allocatedBytes()).isZero();
    }

    @Test
    void discard_written_zeros() throws IOException {
        device.write(0, blocks(3, 1));

        device.discard(1, 1);

        assertSame(read(1, 1), MemorySegment.ofArray(new byte[BLOCK]));
    }

    @Test
    void write_overCapacity_noSpaceUntilDiscarded() throws IOException {
        var memory = new MemoryBlockDevice(BLOCK);
        memory.limitCapacity(4L * BLOCK);
        memory.write(0, blocks(4, 1));

        assertThat(memory.usableBytes()).isZero();
        assertThatThrownBy(() -> memory.write(4, blocks(1, 1)))
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        memory.write(2, blocks(2, 2));
        memory.discard(0, 1);
        memory.write(1L << 40, blocks(1, 3));
        assertThat(memory.usableBytes()).isZero();
    }

    @Test
    void copy_thenWriteEither_otherUnchanged() throws IOException {
        device.write(0, blocks(2, 1));
        var copy = ((MemoryBlockDevice) device).copy();

        device.write(0, blocks(1, 2));
        copy.discard(1, 1);

        assertSame(read(1, 1), blocks(2, 1).asSlice(BLOCK));
        var copied = MemorySegment.ofArray(new byte[BLOCK]);
        copy.read(0, copied);
        assertSame(copied, blocks(2, 1).asSlice(0, BLOCK));
        assertThat(copy.allocatedBytes()).isEqualTo(BLOCK);
    }

    @Test
    void blockSize_notAPowerOfTwo_refused() {
        assertThatThrownBy(() -> new MemoryBlockDevice(4095)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MemoryBlockDevice(256)).isInstanceOf(IllegalArgumentException.class);
    }
}
