package samepage.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every block device promises, whatever it stands on. */
abstract class BlockDeviceContract {
    static final int BLOCK = 4096;

    /** Every device of these tests holds at least so many blocks. */
    static final int BLOCKS = 4096;

    BlockDevice device;

    abstract BlockDevice open() throws IOException;

    @BeforeEach
    void openDevice() throws IOException {
        device = open();
    }

    @AfterEach
    void closeDevice() throws IOException {
        device.close();
    }

    static MemorySegment blocks(int count, long seed) {
        var bytes = new byte[count * BLOCK];
        new Random(seed).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    MemorySegment read(long blockIndex, int count) throws IOException {
        var target = MemorySegment.ofArray(new byte[count * BLOCK]);
        target.fill((byte) 0x5a);
        device.read(blockIndex, target);
        return target;
    }

    static void assertSame(MemorySegment actual, MemorySegment expected) {
        assertThat(actual.mismatch(expected)).isEqualTo(-1);
    }

    @Test
    void read_neverWritten_zeros() throws IOException {
        assertSame(read(7, 3), MemorySegment.ofArray(new byte[3 * BLOCK]));
    }

    @Test
    void read_afterWrite_sameBytes() throws IOException {
        device.write(5, blocks(3, 1));

        assertSame(read(5, 3), blocks(3, 1));
        assertSame(read(6, 1), blocks(3, 1).asSlice(BLOCK, BLOCK));
    }

    @Test
    void read_acrossWrittenAndUnwritten_bytesThenZeros() throws IOException {
        device.write(5, blocks(1, 1));

        var read = read(4, 3);

        assertSame(read.asSlice(0, BLOCK), MemorySegment.ofArray(new byte[BLOCK]));
        assertSame(read.asSlice(BLOCK, BLOCK), blocks(1, 1));
        assertSame(read.asSlice(2L * BLOCK), MemorySegment.ofArray(new byte[BLOCK]));
    }

    @Test
    void write_nativeMemoryOfEverySize_readBackInBothKindsOfMemory() throws IOException {
        try (var arena = Arena.ofConfined()) {
            for (var count : new int[] {1, 15, 16, 17, 64, 513}) {
                var source = arena.allocate((long) count * BLOCK, BLOCK);
                source.copyFrom(blocks(count, count));
                device.write(count, source);
                var target = arena.allocate((long) count * BLOCK);
                device.read(count, target);

                assertSame(target, source);
                assertSame(read(count, count), source);
            }
        }
    }

    @Test
    void write_nativeMemoryAtOddAddress_readBack() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var source = arena.allocate(65L * BLOCK, BLOCK).asSlice(17, 64L * BLOCK);
            source.copyFrom(blocks(64, 3));

            device.write(9, source);

            assertSame(read(9, 64), source);
        }
    }

    @Test
    void write_again_lastWins() throws IOException {
        device.write(100, blocks(200, 1));
        device.write(150, blocks(20, 2));

        assertSame(read(100, 50), blocks(200, 1).asSlice(0, 50L * BLOCK));
        assertSame(read(150, 20), blocks(20, 2));
        assertSame(read(170, 130), blocks(200, 1).asSlice(70L * BLOCK));
    }

    @Test
    void write_readOnlyBuffer_written() throws IOException {
        device.write(1, blocks(1, 1).asReadOnly());

        assertSame(read(1, 1), blocks(1, 1));
    }

    @Test
    void readAndWrite_emptyBuffer_nothingHappens() throws IOException {
        device.write(1, MemorySegment.ofArray(new byte[0]));
        device.read(1, MemorySegment.ofArray(new byte[0]));
        device.discard(1, 0);

        assertSame(read(1, 1), MemorySegment.ofArray(new byte[BLOCK]));
    }

    @Test
    void readAndWrite_notWholeBlocks_refused() {
        var odd = MemorySegment.ofArray(new byte[BLOCK + 512]);

        assertThatThrownBy(() -> device.read(0, odd)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> device.write(0, odd)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readAndWrite_outsideTheDevice_refused() {
        var end = device.blockCount();

        for (var blockIndex : new long[] {-1, end, end - 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> device.read(blockIndex, blocks(2, 1)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.write(blockIndex, blocks(2, 1)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.discard(blockIndex, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void discard_written_zerosOrOldBytesAndNeighboursUntouched() throws IOException {
        device.write(10, blocks(100, 1));

        device.discard(20, 30);

        assertSame(read(10, 10), blocks(100, 1).asSlice(0, 10L * BLOCK));
        assertSame(read(50, 60), blocks(100, 1).asSlice(40L * BLOCK));
        for (var block = 20; block < 50; block++) {
            var now = read(block, 1);
            var isZero = now.mismatch(MemorySegment.ofArray(new byte[BLOCK])) < 0;
            var isOld = now.mismatch(blocks(100, 1).asSlice((long) (block - 10) * BLOCK, BLOCK)) < 0;
            assertThat(isZero || isOld).as("block %d", block).isTrue();
        }
        device.write(20, blocks(30, 2));
        assertSame(read(20, 30), blocks(30, 2));
    }

    @Test
    void allocatedBytes_afterFlushedWrite_coversIt() throws IOException {
        device.write(0, blocks(256, 1));
        device.flush();

        assertThat(device.allocatedBytes()).isGreaterThanOrEqualTo(256L * BLOCK);
        assertThat(device.usableBytes()).isPositive();
    }

    @Test
    void everyCall_afterClose_refused() throws IOException {
        device.close();
        device.close();

        assertThatThrownBy(() -> read(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.write(0, blocks(1, 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.flush()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.discard(0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.allocatedBytes()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> device.usableBytes()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void everyCall_interruptedBefore_doneAndStatusKept() throws IOException {
        try {
            Thread.currentThread().interrupt();
            device.write(3, blocks(32, 1));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            device.flush();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertSame(read(3, 32), blocks(32, 1));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void everyCall_interruptedAgainAndAgain_nothingLost() throws Exception {
        var done = new AtomicBoolean();
        try (var arena = Arena.ofShared();
                var executor = Executors.newFixedThreadPool(2)) {
            var writers = new Thread[2];
            var outcomes = new java.util.ArrayList<java.util.concurrent.Future<?>>();
            for (var w = 0; w < 2; w++) {
                var writer = w;
                outcomes.add(executor.submit(() -> {
                    writers[writer] = Thread.currentThread();
                    var source = arena.allocate(32L * BLOCK, BLOCK);
                    var target = arena.allocate(32L * BLOCK, BLOCK);
                    for (var round = 0; round < 300; round++) {
                        source.fill((byte) (round + writer));
                        device.write(writer * 1000L + round % 7 * 32L, source);
                        if (round % 20 == 0) {
                            device.flush();
                        }
                        device.read(writer * 1000L + round % 7 * 32L, target);
                        assertSame(target, source);
                    }
                    return null;
                }));
            }
            var interrupter = Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    for (var writer : writers) {
                        if (writer != null) {
                            writer.interrupt();
                        }
                    }
                    Thread.onSpinWait();
                }
            });
            for (var outcome : outcomes) {
                outcome.get();
            }
            done.set(true);
            interrupter.join();
        }
    }

    @Test
    void randomOperations_anySeed_equalAModel() throws IOException {
        var seed = new Random().nextLong();
        var random = new Random(seed);
        Map<Long, Byte> model = new HashMap<>();
        try (var arena = Arena.ofConfined()) {
            for (var step = 0; step < 400; step++) {
                var count = 1 + random.nextInt(40);
                var blockIndex = (long) random.nextInt(500);
                if (random.nextBoolean()) {
                    var value = (byte) random.nextInt();
                    var source = random.nextBoolean()
                            ? arena.allocate((long) count * BLOCK, BLOCK)
                            : MemorySegment.ofArray(new byte[count * BLOCK]);
                    device.write(blockIndex, source.fill(value));
                    for (var i = 0; i < count; i++) {
                        model.put(blockIndex + i, value);
                    }
                } else {
                    var target = read(blockIndex, count);
                    for (var i = 0; i < count; i++) {
                        var expected = model.getOrDefault(blockIndex + i, (byte) 0);
                        assertThat(target.get(ValueLayout.JAVA_BYTE, (long) i * BLOCK))
                                .as("seed %d step %d block %d", seed, step, blockIndex + i)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }
}
