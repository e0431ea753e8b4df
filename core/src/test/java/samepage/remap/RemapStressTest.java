package samepage.remap;

import static org.assertj.core.api.Assertions.assertThat;
import static samepage.remap.RemapFixture.BLOCK;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.LayoutLease;
import samepage.inode.SetIdBits;
import samepage.io.GrantedLayout;
import samepage.io.ReadAhead;
import samepage.remap.RemapOptions.Protocol;

/**
 * Writers of every kind against dedupes, clones apart: each writer owns some blocks of each file and knows what they must
 * read as; contents are few, so that ranges are often equal. No store may be lost, none may show in another place.
 */
class RemapStressTest {
    private static final int BLOCKS = 64;
    private static final int WRITERS = 3;
    private static final int FILES = 2;
    private static final long NANOS = 3_000_000_000L;

    @ParameterizedTest
    @EnumSource
    void writersAgainstDedupes_everyStoreSurvives(Protocol protocol) throws Exception {
        long seed = System.nanoTime();
        // Smaller than what is written, so that pages are evicted and read back as well.
        try (var files = new RemapFixture(4L << 20);
                var executor = Executors.newCachedThreadPool()) {
            Inode[] inodes = new Inode[FILES];
            for (int i = 0; i < FILES; i++) {
                inodes[i] = files.file(new byte[BLOCKS * BLOCK]);
            }
            byte[][] expected = new byte[FILES][BLOCKS];
            var stop = new AtomicBoolean();
            var shared = new AtomicLong();
            List<Future<?>> threads = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                threads.add(executor.submit(writer(files, inodes, expected, w, new Random(seed + w), stop)));
            }
            threads.add(executor.submit(deduper(files, inodes, protocol, new Random(seed + 10), stop, shared)));
            threads.add(executor.submit(deduper(files, inodes, protocol, new Random(seed + 11), stop, shared)));
            Thread.sleep(NANOS / 1_000_000);
            stop.set(true);
            for (Future<?> thread : threads) {
                thread.get();
            }
            for (int i = 0; i < FILES; i++) {
                byte[] content = files.read(inodes[i]);
                for (int block = 0; block < BLOCKS; block++) {
                    byte[] wanted = new byte[BLOCK];
                    Arrays.fill(wanted, expected[i][block]);
                    assertThat(Arrays.copyOfRange(content, block * BLOCK, (block + 1) * BLOCK))
                            .as("seed=%d file=%d block=%d", seed, i, block)
                            .isEqualTo(wanted);
                }
            }
            assertThat(shared.get()).as("dedupes that shared something").isPositive();
        }
    }

    private static Callable<Void> writer(
            RemapFixture files, Inode[] inodes, byte[][] expected, int writer, Random random, AtomicBoolean stop) {
        return () -> {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment content = arena.allocate(BLOCK, BLOCK);
                MemorySegment wanted = arena.allocate(BLOCK);
                var windows = new MemorySegment[FILES][BLOCKS];
                while (!stop.get()) {
                    int file = random.nextInt(FILES);
                    int block = random.nextInt(BLOCKS / WRITERS) * WRITERS + writer;
                    byte value = (byte) random.nextInt(2);
                    long offset = (long) block * BLOCK;
                    // Looked at before it is overwritten, or a wrong block would soon be a right one again.
                    files.io.read(inodes[file], offset, content, new ReadAhead());
                    assertThat(content.mismatch(wanted.fill(expected[file][block])))
                            .as("file=%d block=%d", file, block)
                            .isEqualTo(-1);
                    switch (random.nextInt(8)) {
                        case 0 -> {
                            content.fill(value);
                            files.io
                                    .writeDirectAsync(inodes[file], offset, content, SetIdBits.KEEP)
                                    .join();
                        }
                        case 1 -> {
                            value = 0;
                            files.io.punchHole(inodes[file], offset, BLOCK, SetIdBits.KEEP);
                        }
                        case 2, 3 ->
                            windows[file][block] = store(files, inodes[file], block, value, windows[file][block]);
                        case 4 -> {
                            content.fill(value);
                            if (!writeLeased(files, inodes[file], block, content)) {
                                value = expected[file][block];
                            }
                        }
                        default -> {
                            content.fill(value);
                            files.io.write(inodes[file], offset, content, SetIdBits.KEEP);
                        }
                    }
                    expected[file][block] = value;
                    if (random.nextInt(50) == 0) {
                        files.io.fsync(inodes[file], true);
                    }
                }
            }
            return null;
        };
    }

    /** Fills a block through a window on it, the one at hand as long as that lasts; gives the window. */
    private static MemorySegment store(RemapFixture files, Inode inode, int block, byte value, MemorySegment atHand)
            throws Exception {
        MemorySegment window = atHand;
        while (true) {
            try {
                if (window != null) {
                    window.fill(value);
                    return window;
                }
            } catch (IllegalStateException e) {
                assertThat(window.scope().isAlive()).isFalse();
            }
            window = files.io.fault(inode, block, block, block + 1, true).segment();
        }
    }

    /** Writes a block through a layout lease; false where that has been asked back before it could. */
    private static boolean writeLeased(RemapFixture files, Inode inode, int block, MemorySegment content)
            throws Exception {
        var held = new CompletableFuture<GrantedLayout>();
        try {
            GrantedLayout layout = files.io.lease(
                    inode, block, block + 1, LayoutLease.Access.WRITE, Duration.ofMinutes(1), () -> giveBack(held));
            held.complete(layout);
            layout.write(block, content);
            return true;
        } catch (VfsException e) {
            assertThat(e.errno()).isIn(Errno.EAGAIN, Errno.ESTALE);
            return false;
        } finally {
            if (held.isDone()) {
                giveBack(held);
            }
        }
    }

    private static void giveBack(CompletableFuture<GrantedLayout> held) {
        try {
            held.join().giveBack();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Callable<Void> deduper(
            RemapFixture files,
            Inode[] inodes,
            Protocol protocol,
            Random random,
            AtomicBoolean stop,
            AtomicLong shared) {
        return () -> {
            while (!stop.get()) {
                int source = random.nextInt(FILES);
                int from = random.nextInt(BLOCKS);
                int to = random.nextInt(BLOCKS);
                int count = 1 + random.nextInt(Math.min(4, BLOCKS - Math.max(from, to)));
                boolean oneFile = random.nextInt(4) == 0 && Math.abs(from - to) >= count;
                Inode target = oneFile ? inodes[source] : inodes[1 - source];
                RemapOutcome outcome = files.dedupe(
                        inodes[source], (long) from * BLOCK, target, (long) to * BLOCK, (long) count * BLOCK, protocol);
                if (outcome instanceof RemapOutcome.Same same && same.newlySharedBytes() > 0) {
                    shared.incrementAndGet();
                }
            }
            return null;
        };
    }
}
