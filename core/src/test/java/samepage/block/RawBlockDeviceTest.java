package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a loop device; where there is none, {@link LoopDevices} says so. */
class RawBlockDeviceTest extends BlockDeviceContract {
    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // by open, before each test
    private LoopDevices loops;

    @Override
    BlockDevice open() throws IOException {
        loops = new LoopDevices(directory);
        return FileBlockDevice.open(loops.raw((long) BLOCKS * BLOCK), BLOCK);
    }

    @AfterEach
    @Override
    void closeDevice() throws IOException {
        if (device != null) {
            device.close();
            loops.close();
        }
    }

    @Test
    void blockCount_rawDevice_itsSize() throws IOException {
        assertThat(device.blockCount()).isEqualTo(BLOCKS);
        assertThat(device.allocatedBytes()).isEqualTo((long) BLOCKS * BLOCK);
        assertThat(device.usableBytes()).isEqualTo((long) BLOCKS * BLOCK);
    }
}
