package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static samepage.vfs.TestMount.bytes;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.InodeRecord;
import samepage.volume.Volume;

/** Many threads in one small tree, with few names, so that they meet: nothing is lost, nothing is left over. */
class TreeStressTest {
    private static final int THREADS = 6;
    private static final long MILLIS = 3_000;
    private static final int NAMES = 6;
    private static final List<RenameMode> MODES = List.of(RenameMode.values());

    /** What two who meet may be answered. */
    private static final Set<Errno> FINE = EnumSet.of(
            Errno.ENOENT,
            Errno.EEXIST,
            Errno.ENOTEMPTY,
            Errno.EISDIR,
            Errno.ENOTDIR,
            Errno.EINVAL,
            Errno.ESTALE,
            Errno.ELOOP,
            Errno.EPERM,
            Errno.ENODATA);

    @Test
    void everyoneChangesOneTree_itStaysSound() throws Exception {
        long seed = FileContentTest.seed();
        try (var mount = TestMount.withDelays(4096, VfsOptions.DEFAULT.withCacheBytes(4L << 20));
                var executor = Executors.newCachedThreadPool()) {
            var stop = new AtomicBoolean();
            var done = new AtomicLong();
            List<Future<Void>> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                threads.add(executor.submit(visitor(mount.vfs(), new Random(seed + i), stop, done)));
            }
            Thread.sleep(MILLIS);
            stop.set(true);
            for (Future<Void> thread : threads) {
                thread.get();
            }
            assertThat(done.get()).isGreaterThan(100);
            // The last user of some may be a background writeback.
            await().untilAsserted(() ->
                    assertThat(mount.vfs().volume().metadata().orphans()).isEmpty());
        } catch (Throwable e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }

    private static Callable<Void> visitor(Vfs vfs, Random random, AtomicBoolean stop, AtomicLong done) {
        return () -> {
            while (!stop.get()) {
                try {
                    new Visit(vfs, random).doSomething();
                    done.incrementAndGet();
                } catch (VfsException e) {
                    if (!FINE.contains(e.errno())) {
                        throw e;
                    }
                }
            }
            return null;
        };
    }

    private record Visit(Vfs vfs, Random random) {
        void doSomething() throws IOException {
            long parent = directory();
            byte[] name = name();
            switch (random.nextInt(14)) {
                case 0, 1 -> writeNew(parent, name);
                case 2, 3 -> vfs.mkdir(Caller.ROOT, parent, name, 0755);
                case 4 -> vfs.unlink(Caller.ROOT, parent, name);
                case 5 -> vfs.rmdir(Caller.ROOT, parent, name);
                case 6, 7, 8 -> rename(parent, name);
                case 9 -> {
                    long ino = vfs.lookup(Caller.ROOT, parent, name).ino();
                    vfs.link(Caller.ROOT, ino, directory(), name());
                }
                case 10 -> unnamed(parent, name);
                case 11 -> vfs.symlink(Caller.ROOT, parent, name, bytes("../" + (char) ('a' + random.nextInt(NAMES))));
                case 12 -> change(parent, name);
                default -> look(parent);
            }
        }

        private byte[] name() {
            return new byte[] {(byte) ('a' + random.nextInt(NAMES))};
        }

        /** Some directory at most three levels down. */
        private long directory() throws IOException {
            long at = Volume.ROOT;
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                try {
                    InodeRecord next = vfs.lookup(Caller.ROOT, at, name());
                    if (next.isDirectory()) {
                        at = next.ino();
                    }
                } catch (VfsException e) {
                    if (!FINE.contains(e.errno())) {
                        throw e;
                    }
                }
            }
            return at;
        }

        private void writeNew(long parent, byte[] name) throws IOException {
            try (OpenFile file = vfs.createAndOpen(Caller.ROOT, parent, name, 0644, TestMount.READ_WRITE)) {
                write(file);
            }
        }

        private void write(OpenFile file) throws IOException {
            file.write(random.nextInt(20_000), MemorySegment.ofArray(new byte[1 + random.nextInt(30_000)]));
            if (random.nextInt(20) == 0) {
                file.fsync(false);
            }
        }

        private void rename(long parent, byte[] name) throws IOException {
            RenameMode mode = MODES.get(random.nextInt(MODES.size()));
            vfs.rename(Caller.ROOT, parent, name, directory(), name(), mode);
        }

        private void unnamed(long parent, byte[] name) throws IOException {
            try (OpenFile file = vfs.openUnnamed(Caller.ROOT, parent, 0600, TestMount.READ_WRITE)) {
                write(file);
                if (random.nextBoolean()) {
                    vfs.link(Caller.ROOT, file, parent, name);
                }
            }
        }

        private void change(long parent, byte[] name) throws IOException {
            InodeRecord found = vfs.lookup(Caller.ROOT, parent, name);
            if (found.isRegular()) {
                try (OpenFile file = vfs.open(Caller.ROOT, found.ino(), TestMount.READ_WRITE)) {
                    write(file);
                    file.truncate(random.nextInt(20_000));
                }
            }
            vfs.setXattr(Caller.ROOT, found.ino(), bytes("user." + random.nextInt(3)), name, XattrMode.SET);
            vfs.setAttributes(Caller.ROOT, found.ino(), SetAttributes.NONE.withMode(random.nextInt(01000)));
            vfs.removeXattr(Caller.ROOT, found.ino(), bytes("user." + random.nextInt(3)));
        }

        private void look(long directory) throws IOException {
            for (var entry : vfs.readDirectory(Caller.ROOT, directory, 0, 100)) {
                InodeRecord found = vfs.lookup(Caller.ROOT, directory, entry.name());
                if (found.isRegular()) {
                    try (OpenFile file = vfs.open(Caller.ROOT, found.ino(), EnumSet.of(OpenFlag.READ))) {
                        file.read(random.nextInt(10_000), MemorySegment.ofArray(new byte[10_000]));
                    }
                }
            }
        }
    }
}
