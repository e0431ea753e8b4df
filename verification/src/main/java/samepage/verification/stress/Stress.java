package samepage.verification.stress;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HugePages;
import samepage.linux.syscall.LinuxHostSpace;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOptions.Protocol;
import samepage.remap.RemapOutcome;
import samepage.rocksdb.RocksDbMetadataStore;
import samepage.vfs.Caller;
import samepage.vfs.OpenFile;
import samepage.vfs.OpenFlag;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.volume.DataScrub;
import samepage.volume.Volume;
import samepage.volume.VolumeOptions;

/**
 * Owners and dedupers on one volume on disk, for a time; then every file, every record and every block is looked at, and the
 * files once more on the volume opened anew.
 */
public final class Stress {
    private static final int OWNERS = 4;
    private static final int FILES_PER_OWNER = 2;
    private static final int DEDUPERS = 2;

    /** Less than the files hold: pages are evicted and read back. */
    private static final long CACHE_BYTES = 8L << 20;

    private final Path directory;
    private final long seed;
    private final LongAdder shared = new LongAdder();
    private final LongAdder same = new LongAdder();
    private final LongAdder different = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Map<OwnedFile.Step, Long> steps = new EnumMap<>(OwnedFile.Step.class);

    /** @param directory an empty one, for the volume */
    public Stress(Path directory, long seed) {
        this.directory = directory;
        this.seed = seed;
    }

    /** {@code [SECONDS] [SEED] [DIRECTORY]}: 60 seconds, a seed of the moment, a directory for temporary files. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        long seconds = arguments.length > 0 ? Long.parseLong(arguments[0]) : 60;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
        Path parent = arguments.length > 2 ? Path.of(arguments[2]) : Path.of(System.getProperty("java.io.tmpdir"));
        Path directory = Files.createTempDirectory(parent, "samepage-stress");
        System.out.println("seed " + seed + ", volume " + directory);
        System.out.println(new Stress(directory, seed).run(seconds));
    }

    /**
     * Runs for so long.
     *
     * @return a count of what was done
     * @throws AssertionError where a byte, a record or a block is not what it must be
     */
    public String run(long seconds) throws Exception {
        try (Vfs vfs = Vfs.mount(
                Volume.create(directory, options()),
                VfsOptions.DEFAULT.withCacheBytes(CACHE_BYTES).withMemory(HugePages::of))) {
            List<OwnedFile> files = new ArrayList<>();
            try {
                for (int i = 0; i < OWNERS * FILES_PER_OWNER; i++) {
                    files.add(create(vfs, "file" + i, new SplittableRandom(seed + i)));
                }
                runThreads(vfs, files, seconds);
                for (OwnedFile file : files) {
                    file.verify();
                    file.steps().forEach((step, count) -> steps.merge(step, count, Long::sum));
                }
                vfs.sync();
                audit(vfs.volume());
                for (OwnedFile file : files) {
                    file.verify();
                }
            } finally {
                for (OwnedFile file : files) {
                    file.close();
                }
            }
        }
        try (Volume again = Volume.open(directory, options())) {
            audit(again);
        }
        return summary(seconds);
    }

    private static VolumeOptions options() {
        return VolumeOptions.of(
                (directory, readOnly) -> RocksDbMetadataStore.open(
                        directory,
                        readOnly ? RocksDbMetadataStore.Options.reading() : RocksDbMetadataStore.Options.creating()),
                LinuxHostSpace::of);
    }

    private static OwnedFile create(Vfs vfs, String name, SplittableRandom random) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        OpenFile buffered = vfs.createAndOpen(Caller.ROOT, Volume.ROOT, bytes, 0644, readWrite());
        OpenFile direct = vfs.open(Caller.ROOT, buffered.ino(), readWrite(OpenFlag.DIRECT));
        OpenFile appending = vfs.open(Caller.ROOT, buffered.ino(), readWrite(OpenFlag.APPEND));
        var file = new OwnedFile(name, buffered, direct, appending, vfs.volume().blockSize(), random);
        file.fill();
        return file;
    }

    private static EnumSet<OpenFlag> readWrite(OpenFlag... more) {
        EnumSet<OpenFlag> flags = EnumSet.of(OpenFlag.READ, OpenFlag.WRITE);
        flags.addAll(List.of(more));
        return flags;
    }

    /** Ends early, with its reason, where one thread finds something. */
    private void runThreads(Vfs vfs, List<OwnedFile> files, long seconds) throws Exception {
        var stop = new AtomicBoolean();
        try (var threads = Executors.newCachedThreadPool()) {
            List<Future<Void>> running = new ArrayList<>();
            for (int owner = 0; owner < OWNERS; owner++) {
                List<OwnedFile> own = files.subList(owner * FILES_PER_OWNER, (owner + 1) * FILES_PER_OWNER);
                running.add(threads.submit(until(
                        stop,
                        new SplittableRandom(seed + 100 + owner),
                        random -> own.get(random.nextInt(FILES_PER_OWNER)).step())));
            }
            for (int deduper = 0; deduper < DEDUPERS; deduper++) {
                running.add(threads.submit(
                        until(stop, new SplittableRandom(seed + 200 + deduper), random -> dedupe(vfs, files, random))));
            }
            running.add(threads.submit(until(stop, new SplittableRandom(seed), _ -> {
                vfs.sync();
                TimeUnit.MILLISECONDS.sleep(50);
            })));
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end && running.stream().noneMatch(Future::isDone)) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            stop.set(true);
            for (Future<Void> thread : running) {
                await(thread);
            }
        }
    }

    private void await(Future<Void> thread) throws InterruptedException {
        try {
            thread.get();
        } catch (ExecutionException e) {
            throw new AssertionError("seed " + seed + ": " + e.getCause(), e.getCause());
        }
    }

    private interface Action {
        void run(SplittableRandom random) throws Exception;
    }

    private static Callable<Void> until(AtomicBoolean stop, SplittableRandom random, Action action) {
        return () -> {
            try {
                while (!stop.get()) {
                    action.run(random);
                }
                return null;
            } catch (Throwable e) {
                stop.set(true);
                throw e;
            }
        };
    }

    private void dedupe(Vfs vfs, List<OwnedFile> files, SplittableRandom random) throws IOException {
        int blockSize = vfs.volume().blockSize();
        int blocks = OwnedFile.MAX_BYTES / 2 / blockSize;
        OwnedFile source = files.get(random.nextInt(files.size()));
        OwnedFile target = files.get(random.nextInt(files.size()));
        long length = (1L + random.nextInt(random.nextInt(4) == 0 ? 64 : 4)) * blockSize;
        Protocol protocol = random.nextBoolean() ? Protocol.OPTIMISTIC : Protocol.LOCKED;
        try {
            RemapOutcome outcome = vfs.dedupe(
                    Caller.ROOT,
                    source.ino(),
                    (long) random.nextInt(blocks) * blockSize,
                    target.ino(),
                    (long) random.nextInt(blocks) * blockSize,
                    length,
                    new RemapOptions(protocol, 1));
            switch (outcome) {
                case RemapOutcome.Same s -> {
                    same.increment();
                    shared.add(s.newlySharedBytes());
                }
                case RemapOutcome.Differs _ -> different.increment();
            }
        } catch (VfsException e) {
            if (e.errno() != Errno.EINVAL) { // past an end, or overlapping
                throw e;
            }
            refused.increment();
        }
    }

    private void audit(Volume volume) throws IOException {
        List<String> problems = volume.audit().problems();
        DataScrub.Report blocks = volume.verifyData((_, _) -> {});
        if (!problems.isEmpty() || !blocks.isClean()) {
            throw new AssertionError("seed " + seed + ": " + problems + ", damaged blocks " + blocks.damagedBlocks());
        }
    }

    private String summary(long seconds) {
        long all = steps.values().stream().mapToLong(Long::longValue).sum();
        return "%d s, seed %d: %,d steps of %d owners %s; dedupes: %,d same, %,d different, %,d refused, %,d MiB shared"
                .formatted(
                        seconds,
                        seed,
                        all,
                        OWNERS,
                        steps,
                        same.sum(),
                        different.sum(),
                        refused.sum(),
                        shared.sum() >> 20);
    }
}
