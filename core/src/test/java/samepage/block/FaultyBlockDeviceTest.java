package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import samepage.block.FaultyBlockDevice.Operation;
import samepage.errno.Errno;
import samepage.errno.VfsException;

class FaultyBlockDeviceTest extends BlockDeviceContract {
    @Override
    BlockDevice open() {
        return new FaultyBlockDevice(new MemoryBlockDevice(BLOCK, BLOCKS));
    }

    private FaultyBlockDevice faulty() {
        return (FaultyBlockDevice) device;
    }

    private static void assertErrno(ThrowingCallable call, Errno errno) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        VfsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void failNth_thirdWriteFromNow_thatOneAlone() throws IOException {
        device.write(0, blocks(1, 1));
        faulty().failNth(Operation.WRITE, 3, Errno.ENOSPC);

        device.write(0, blocks(1, 2));
        device.write(0, blocks(1, 3));
        assertErrno(() -> device.write(0, blocks(1, 4)), Errno.ENOSPC);
        assertSame(read(0, 1), blocks(1, 3));
        device.write(0, blocks(1, 5));
        assertThat(faulty().count(Operation.WRITE)).isEqualTo(5);
    }

    @Test
    void failAlways_untilHealed() throws IOException {
        faulty().failAlways(Operation.FLUSH, Errno.EIO);

        assertErrno(() -> device.flush(), Errno.EIO);
        assertErrno(() -> device.flush(), Errno.EIO);
        faulty().heal();
        device.flush();
    }

    @Test
    void flipBitOnRead_oneBitOfThatBlockAndNotStored() throws IOException {
        device.write(4, blocks(3, 1));
        faulty().flipBitOnRead(5, 8L * 100 + 3);

        var read = read(4, 3);

        assertThat(read.mismatch(blocks(3, 1))).isEqualTo(BLOCK + 100);
        faulty().heal();
        assertSame(read(4, 3), blocks(3, 1));
    }

    @Test
    void misdirectNextWrite_elsewhereOnce() throws IOException {
        faulty().misdirectNextWrite(1, 9);

        device.write(1, blocks(1, 1));

        assertSame(read(1, 1), MemorySegment.ofArray(new byte[BLOCK]));
        assertSame(read(9, 1), blocks(1, 1));
        device.write(1, blocks(1, 1));
        assertSame(read(1, 1), blocks(1, 1));
    }

    @Test
    void dropNextWrite_oldBytesStayOnce() throws IOException {
        device.write(1, blocks(1, 1));
        faulty().dropNextWrite(1);

        device.write(1, blocks(1, 2));

        assertSame(read(1, 1), blocks(1, 1));
        device.write(1, blocks(1, 2));
        assertSame(read(1, 1), blocks(1, 2));
    }

    @Test
    void hooks_aroundTheOperation_inOrder() throws IOException {
        List<String> seen = new ArrayList<>();
        faulty().before(Operation.WRITE, (block, count) -> seen.add("before " + block + " " + count));
        faulty().after(Operation.WRITE, (block, count) -> seen.add("after " + block + " " + count));

        device.write(3, blocks(2, 1));

        assertThat(seen).containsExactly("before 3 2", "after 3 2");
    }
}
