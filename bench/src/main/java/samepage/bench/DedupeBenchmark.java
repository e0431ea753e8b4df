package samepage.bench;

import static samepage.remap.RemapOptions.Protocol.LOCKED;
import static samepage.remap.RemapOptions.Protocol.OPTIMISTIC;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.linux.syscall.HostFile;
import samepage.remap.RemapOptions;
import samepage.vfs.OpenFile;

/**
 * A cached identical pair of 1 GiB: ours, XFS's FIDEDUPERANGE, and a plain compare of memory that is in no cache of the
 * processor. Then what is shared already, and clones.
 */
final class DedupeBenchmark implements Bench.Benchmark {
    private static final long PAIR_BYTES = 1L << 30;
    private static final long CACHE_BYTES = 3L << 30;
    private static final long EVICTING_BYTES = 256L << 20;
    private static final long CLONED_BYTES = 10L << 30;
    private static final String XFS = "XFS FIDEDUPERANGE";
    private static final List<RemapOptions> WAYS = List.of(
            new RemapOptions(OPTIMISTIC, 1),
            new RemapOptions(LOCKED, 1),
            new RemapOptions(OPTIMISTIC, 2),
            new RemapOptions(LOCKED, 2));

    private final Timings timings = new Timings();

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        try (var content = new Content();
                var volume = DiskVolume.create(scratch.resolve("volume"), CACHE_BYTES);
                var xfs = XfsMount.mount(scratch, 4 * PAIR_BYTES)) {
            comparePairs(rounds, content, volume, xfs);
            timeClones(rounds, content, volume);
        }
        printPairs();
    }

    private void comparePairs(int rounds, Content content, DiskVolume volume, @Nullable XfsMount xfs) throws Exception {
        try (var source = volume.createFile("source");
                var target = volume.createFile("target")) {
            fill(content, source);
            if (xfs == null) {
                comparePairs(rounds, content, volume, source, target, null, null);
            } else {
                try (HostFile xfsSource = xfs.createFile("source");
                        HostFile xfsTarget = xfs.createFile("target")) {
                    fill(content, xfsSource);
                    comparePairs(rounds, content, volume, source, target, xfsSource, xfsTarget);
                }
            }
        }
    }

    private void comparePairs(
            int rounds,
            Content content,
            DiskVolume volume,
            OpenFile source,
            OpenFile target,
            @Nullable HostFile xfsSource,
            @Nullable HostFile xfsTarget)
            throws Exception {
        for (int round = -1; round < rounds; round++) {
            Timings into = round < 0 ? new Timings() : timings;
            for (RemapOptions way : WAYS) {
                fill(content, target);
                into.time(name(way), () -> volume.dedupe(source, target, PAIR_BYTES, way));
            }
            into.time("shared already", () -> volume.dedupe(source, target, PAIR_BYTES, RemapOptions.DEFAULT));
            if (xfsSource != null && xfsTarget != null) {
                fill(content, xfsTarget);
                into.time(XFS, () -> XfsMount.dedupe(xfsSource, xfsTarget, PAIR_BYTES, PAIR_BYTES));
            }
            compareMemory(into);
        }
    }

    private static String name(RemapOptions way) {
        return way.protocol().name().toLowerCase(java.util.Locale.ROOT) + plain(way.threads());
    }

    private static String plain(int threads) {
        return threads == 1 ? ", 1 thread" : ", " + threads + " threads";
    }

    private static void fill(Content content, OpenFile file) throws Exception {
        content.write(0, PAIR_BYTES, file::write);
        file.fsync(false);
    }

    private static void fill(Content content, HostFile file) throws Exception {
        content.write(0, PAIR_BYTES, (offset, data) -> file.write(data, offset));
        file.sync();
    }

    private static void compareMemory(Timings into) throws Exception {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment one = arena.allocate(PAIR_BYTES, 4096).fill((byte) 1);
            MemorySegment other = arena.allocate(PAIR_BYTES, 4096).fill((byte) 1);
            MemorySegment evicting = arena.allocate(EVICTING_BYTES, 4096);
            for (int threads = 1; threads <= 2; threads++) {
                evicting.fill((byte) threads);
                int count = threads;
                into.time("mismatch" + plain(threads), () -> mismatch(one, other, count));
            }
        }
    }

    private static void mismatch(MemorySegment one, MemorySegment other, int threads) throws InterruptedException {
        long part = PAIR_BYTES / threads;
        var helpers = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            long from = i * part;
            helpers[i] = Thread.ofPlatform().start(() -> {
                if (one.asSlice(from, part).mismatch(other.asSlice(from, part)) >= 0) {
                    throw new IllegalStateException("found to differ");
                }
            });
        }
        for (Thread helper : helpers) {
            helper.join();
        }
    }

    private void timeClones(int rounds, Content content, DiskVolume volume) throws Exception {
        try (var part = volume.createFile("part");
                var plain = volume.createFile("plain");
                var sparse = volume.createFile("sparse");
                var fragmented = volume.createFile("fragmented")) {
            sparse.truncate(CLONED_BYTES);
            for (long offset = 0; offset < CLONED_BYTES; offset += 512 << 20) {
                long at = offset;
                content.write(1, Content.PIECE_BYTES, (_, data) -> sparse.write(at, data.asSlice(0, 4096)));
            }
            content.write(2, PAIR_BYTES, part::write);
            for (long bytes = 0; bytes < CLONED_BYTES; bytes += PAIR_BYTES) {
                volume.cloneRange(part, 0, plain, bytes, PAIR_BYTES);
            }
            for (long offset = 0; offset < CLONED_BYTES; offset += 1 << 20) {
                long reversed = (CLONED_BYTES - offset - (1 << 20)) % PAIR_BYTES;
                volume.cloneRange(part, reversed, fragmented, offset, 1 << 20);
            }
            volume.vfs().sync();
            for (int round = 0; round < rounds; round++) {
                timeClone("clone, 10 GiB, plain", volume, plain, round);
                timeClone("clone, 10 GiB, sparse", volume, sparse, round);
                timeClone("clone, 10 GiB, 10,240 extents", volume, fragmented, round);
            }
        }
    }

    private void timeClone(String name, DiskVolume volume, OpenFile source, int round) throws Exception {
        try (var target = volume.createFile(name + round)) {
            timings.time(name, () -> volume.cloneAll(source, target));
        }
    }

    private void printPairs() {
        var pairs = new Table("cached pair of 1 GiB", "median GB/s", "least", "most", "of XFS", "of mismatch");
        var rest = new Table("", "median ms", "least", "most");
        for (String name : timings.names()) {
            if (name.startsWith("clone") || name.startsWith("shared")) {
                rest.row(
                        name,
                        Table.number("%.3f", timings.median(name) * 1e3),
                        Table.number("%.3f", timings.least(name) * 1e3),
                        Table.number("%.3f", timings.most(name) * 1e3));
            } else {
                pairs.row(
                        name,
                        Table.number("%.2f", PAIR_BYTES / timings.median(name) / 1e9),
                        Table.number("%.2f", PAIR_BYTES / timings.most(name) / 1e9),
                        Table.number("%.2f", PAIR_BYTES / timings.least(name) / 1e9),
                        Table.number("%.2f", timings.speed(name, XFS)),
                        Table.number("%.2f", timings.speed(name, "mismatch, 1 thread")));
            }
        }
        pairs.print("Dedupe");
        rest.print("Shared already, and clones");
    }
}
