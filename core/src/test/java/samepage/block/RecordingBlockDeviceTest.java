package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RecordingBlockDeviceTest extends BlockDeviceContract {
    private final Recording recording = new Recording();

    @Override
    BlockDevice open() {
        return new RecordingBlockDevice(new MemoryBlockDevice(BLOCK, BLOCKS), recording);
    }

    private static MemorySegment filled(int count, int value) {
        return MemorySegment.ofArray(new byte[count * BLOCK]).fill((byte) value);
    }

    private static byte sector(BlockDevice device, long blockIndex, int sector) throws IOException {
        var block = MemorySegment.ofArray(new byte[BLOCK]);
        device.read(blockIndex, block);
        var first = block.get(ValueLayout.JAVA_BYTE, sector * 512L);
        for (var i = 0; i < 512; i++) {
            assertThat(block.get(ValueLayout.JAVA_BYTE, sector * 512L + i)).isEqualTo(first);
        }
        return first;
    }

    @Test
    void after_everyPrefix_thoseOperationsAlone() throws IOException {
        device.write(0, filled(2, 1));
        device.flush();
        device.write(1, filled(1, 2));
        device.discard(0, 1);
        var recorder = (RecordingBlockDevice) device;

        assertThat(sector(recorder.after(0), 0, 0)).isEqualTo((byte) 0);
        assertThat(sector(recorder.after(2), 1, 7)).isEqualTo((byte) 1);
        assertThat(sector(recorder.after(3), 1, 7)).isEqualTo((byte) 2);
        assertThat(sector(recorder.after(3), 0, 0)).isEqualTo((byte) 1);
        assertThat(sector(recorder.after(4), 0, 0)).isEqualTo((byte) 0);
    }

    @Test
    void after_deviceHadContent_startsFromIt() throws IOException {
        var memory = new MemoryBlockDevice(BLOCK);
        memory.write(7, filled(1, 9));
        var recorder = new RecordingBlockDevice(memory, recording);
        recorder.write(7, filled(1, 1));

        assertThat(sector(recorder.after(0), 7, 0)).isEqualTo((byte) 9);
    }

    @Test
    void afterCrash_flushedWrites_alwaysThere() throws IOException {
        device.write(0, filled(1, 1));
        device.flush();
        device.write(0, filled(1, 2));
        Set<Byte> seen = new HashSet<>();
        Set<Set<Byte>> statesOfABlock = new HashSet<>();

        for (var seed = 0; seed < 200; seed++) {
            var state = ((RecordingBlockDevice) device).afterCrash(3, seed);
            Set<Byte> sectors = new HashSet<>();
            for (var sector = 0; sector < 8; sector++) {
                sectors.add(sector(state, 0, sector));
            }
            seen.addAll(sectors);
            statesOfABlock.add(sectors);
        }

        assertThat(seen).containsExactlyInAnyOrder((byte) 1, (byte) 2);
        assertThat(statesOfABlock)
                .as("lost, there and torn")
                .containsExactlyInAnyOrder(Set.of((byte) 1), Set.of((byte) 2), Set.of((byte) 1, (byte) 2));
    }

    @Test
    void afterCrash_sameSeed_sameState() throws IOException {
        for (var i = 0; i < 50; i++) {
            device.write(i, filled(3, i + 1));
        }
        var recorder = (RecordingBlockDevice) device;
        for (var seed = 0; seed < 20; seed++) {
            var one = MemorySegment.ofArray(new byte[60 * BLOCK]);
            var other = MemorySegment.ofArray(new byte[60 * BLOCK]);
            recorder.afterCrash(40, seed).read(0, one);
            recorder.afterCrash(40, seed).read(0, other);
            assertSame(one, other);
        }
    }

    @Test
    void afterCrash_writeReturnedWhileFlushRan_mayBeLost() throws Exception {
        var faulty = new FaultyBlockDevice(new MemoryBlockDevice(BLOCK));
        var recorder = new RecordingBlockDevice(faulty, recording);
        var flushing = new CountDownLatch(1);
        var written = new CountDownLatch(1);
        faulty.before(FaultyBlockDevice.Operation.FLUSH, (block, count) -> {
            flushing.countDown();
            try {
                written.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        var flusher = Thread.ofPlatform().start(() -> {
            try {
                recorder.flush();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        flushing.await();
        recorder.write(0, filled(1, 1));
        written.countDown();
        flusher.join();
        Set<Byte> seen = new HashSet<>();

        for (var seed = 0; seed < 100; seed++) {
            seen.add(sector(recorder.afterCrash(2, seed), 0, 0));
        }

        assertThat(seen).containsExactlyInAnyOrder((byte) 0, (byte) 1);
    }

    @Test
    void afterCrash_writeUnderWay_mayBeThereAlready() throws IOException {
        device.write(0, filled(1, 1));
        Set<Byte> seen = new HashSet<>();

        for (var seed = 0; seed < 100; seed++) {
            seen.add(sector(((RecordingBlockDevice) device).afterCrash(0, seed), 0, 0));
        }

        assertThat(seen).containsExactlyInAnyOrder((byte) 0, (byte) 1);
    }
}
