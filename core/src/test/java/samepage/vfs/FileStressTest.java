package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several writers of one file at a time, each with stripes of its own that begin and end within blocks, and one that writes
 * whole blocks directly at the file's end; with others that allocate, make durable and read past the pages. What one has
 * written it reads back, whatever the others do.
 */
class FileStressTest {
    private static final int FILES = 3;
    private static final int WRITERS = 3;
    private static final int STRIPE_BYTES = 3001;
    private static final int STRIPES = 600;
    private static final int DIRECT_FROM = 2 << 20;
    private static final int DIRECT_BYTES = 512 << 10;
    private static final int FILE_BYTES = DIRECT_FROM + DIRECT_BYTES;
    private static final long MILLIS = 3_000;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void manyWritersOfOneFile_eachReadsWhatItWrote(int blockSize) throws Exception {
        long seed = FileContentTest.seed();
        try (var mount = TestMount.withDelays(blockSize, VfsOptions.DEFAULT.withCacheBytes(2L << 20));
                var executor = Executors.newCachedThreadPool()) {
            for (int i = 0; i < FILES; i++) {
                try (OpenFile file = mount.openOrCreate("/" + i)) {
                    file.truncate(FILE_BYTES);
                }
            }
            byte[][] expected = new byte[FILES][FILE_BYTES];
            var stop = new AtomicBoolean();
            List<Future<Void>> threads = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                threads.add(executor.submit(new Striped(mount, expected, new Random(seed + i), stop, i)));
            }
            threads.add(executor.submit(new Direct(mount, expected, new Random(seed + 10), stop, blockSize)));
            threads.add(executor.submit(new Disturber(mount, new Random(seed + 11), stop, blockSize)));
            Thread.sleep(MILLIS);
            stop.set(true);
            for (Future<Void> thread : threads) {
                thread.get();
            }
            verify(mount, expected);
            mount.remount();
            verify(mount, expected);
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }

    private static void verify(TestMount mount, byte[][] expected) throws IOException {
        for (int i = 0; i < FILES; i++) {
            try (OpenFile file = mount.openOrCreate("/" + i)) {
                expect(file, expected[i], 0, FILE_BYTES, 1);
            }
        }
    }

    /** The bytes are as expected; read in pieces that begin and end on multiples of {@code alignment}. */
    private static void expect(OpenFile file, byte[] expected, int offset, int length, int alignment)
            throws IOException {
        int from = offset / alignment * alignment;
        int to = (offset + length + alignment - 1) / alignment * alignment;
        byte[] got = new byte[to - from];
        assertThat(file.read(from, MemorySegment.ofArray(got))).isEqualTo(Math.min(to, FILE_BYTES) - from);
        int mismatch = Arrays.mismatch(got, offset - from, offset - from + length, expected, offset, offset + length);
        assertThat(mismatch)
                .as("first wrong byte after %d, alignment %d", offset, alignment)
                .isEqualTo(-1);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Striped(TestMount mount, byte[][] expected, Random random, AtomicBoolean stop, int number)
            implements Callable<Void> {
        @Override
        public Void call() throws Exception {
            int blockSize = mount.vfs().volume().blockSize();
            while (!stop.get()) {
                int which = random.nextInt(FILES);
                byte[] model = expected[which];
                try (OpenFile file = mount.openOrCreate("/" + which);
                        OpenFile direct = mount.openOrCreate("/" + which, OpenFlag.DIRECT)) {
                    for (int i = 0; i < 20; i++) {
                        int stripe = random.nextInt(STRIPES / WRITERS) * WRITERS + number;
                        int offset = stripe * STRIPE_BYTES + random.nextInt(STRIPE_BYTES);
                        int length = 1 + random.nextInt((stripe + 1) * STRIPE_BYTES - offset);
                        switch (random.nextInt(8)) {
                            case 0 -> {
                                file.punchHole(offset, length);
                                Arrays.fill(model, offset, offset + length, (byte) 0);
                            }
                            case 1 -> {
                                file.zeroRange(offset, length, true);
                                Arrays.fill(model, offset, offset + length, (byte) 0);
                            }
                            case 2 -> expect(direct, model, offset, length, blockSize);
                            case 3, 4 -> expect(file, model, offset, length, 1);
                            default -> {
                                byte[] content = new byte[length];
                                random.nextBytes(content);
                                assertThat(file.write(offset, MemorySegment.ofArray(content)))
                                        .isEqualTo(length);
                                System.arraycopy(content, 0, model, offset, length);
                            }
                        }
                    }
                }
            }
            return null;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Direct(TestMount mount, byte[][] expected, Random random, AtomicBoolean stop, int blockSize)
            implements Callable<Void> {
        @Override
        public Void call() throws Exception {
            while (!stop.get()) {
                int which = random.nextInt(FILES);
                int blocks = DIRECT_BYTES / blockSize;
                int block = random.nextInt(blocks);
                int length = (1 + random.nextInt(Math.min(8, blocks - block))) * blockSize;
                int offset = DIRECT_FROM + block * blockSize;
                byte[] content = new byte[length];
                random.nextBytes(content);
                try (OpenFile file = mount.openOrCreate("/" + which);
                        OpenFile direct = mount.openOrCreate("/" + which, OpenFlag.DIRECT)) {
                    switch (random.nextInt(4)) {
                        case 0 -> file.write(offset, MemorySegment.ofArray(content));
                        case 1 ->
                            direct.writeDirectAsync(offset, MemorySegment.ofArray(content))
                                    .get();
                        default -> direct.write(offset, MemorySegment.ofArray(content));
                    }
                    System.arraycopy(content, 0, expected[which], offset, length);
                    expect(random.nextBoolean() ? file : direct, expected[which], offset, length, 1);
                }
            }
            return null;
        }
    }

    /** Changes no content, only what lies below it. */
    private record Disturber(TestMount mount, Random random, AtomicBoolean stop, int blockSize)
            implements Callable<Void> {
        @Override
        public Void call() throws Exception {
            byte[] buffer = new byte[64 << 10];
            while (!stop.get()) {
                try (OpenFile file = mount.openOrCreate("/" + random.nextInt(FILES));
                        OpenFile direct = mount.openOrCreate("/" + random.nextInt(FILES), OpenFlag.DIRECT)) {
                    int offset = random.nextInt(FILE_BYTES - buffer.length);
                    switch (random.nextInt(6)) {
                        case 0, 1 -> file.allocate(offset, 1 + random.nextInt(30_000), true);
                        case 2 -> file.fsync(random.nextBoolean());
                        case 3 -> file.seekHole(file.seekData(0));
                        case 4 -> direct.read(offset - offset % blockSize, MemorySegment.ofArray(buffer));
                        default -> file.read(offset, MemorySegment.ofArray(buffer));
                    }
                } catch (samepage.errno.VfsException e) {
                    if (e.errno() != samepage.errno.Errno.ENXIO) {
                        throw e;
                    }
                }
            }
            return null;
        }
    }
}
