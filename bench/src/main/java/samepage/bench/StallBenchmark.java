package samepage.bench;

import static samepage.remap.RemapOptions.Protocol.LOCKED;
import static samepage.remap.RemapOptions.Protocol.OPTIMISTIC;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import samepage.bench.BusyThread.Latencies;
import samepage.linux.syscall.HostFile;
import samepage.remap.RemapOptions;
import samepage.vfs.OpenFile;

/**
 * How long a thread that writes blocks of 4 KiB to the target, or reads them, is held up while a cached identical pair of
 * 1 GiB is deduped in one request. What it writes is what is there already.
 */
final class StallBenchmark implements Bench.Benchmark {
    private static final long PAIR_BYTES = 1L << 30;
    private static final long CACHE_BYTES = 3L << 30;
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = (int) (PAIR_BYTES / BLOCK_BYTES);
    private static final long PACE_NANOS = 100_000;
    private static final long BASELINE_NANOS = 2_000_000_000;
    private static final long BUSY_BYTES = 16 << 20;

    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final BusyThread paced = new BusyThread(PACE_NANOS);
    private final BusyThread flatOut = new BusyThread(0);

    /** One line of the table: figures of each round. */
    private static final class Row {
        final Timings figures = new Timings();
        int calls;
    }

    /** One of those that are compared: how a pair is made and deduped, and what goes on on its target meanwhile. */
    private interface Side {
        String name();

        void prepare() throws Exception;

        void dedupe() throws Exception;

        void write() throws Exception;

        void read() throws Exception;

        void finish() throws Exception;
    }

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        try (var content = new Content();
                Arena arena = Arena.ofShared();
                var volume = DiskVolume.create(scratch.resolve("volume"), CACHE_BYTES);
                var xfs = XfsMount.mount(scratch, 4 * PAIR_BYTES)) {
            MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
            try (var source = volume.createFile("source")) {
                content.write(0, PAIR_BYTES, source::write);
                for (RemapOptions.Protocol protocol : new RemapOptions.Protocol[] {OPTIMISTIC, LOCKED}) {
                    measure(rounds, new Ours(volume, content, source, block, new RemapOptions(protocol, 1)));
                }
                measure(rounds, new Ours(volume, content, source, block, null));
            }
            if (xfs != null) {
                try (HostFile source = xfs.createFile("source");
                        HostFile target = xfs.createFile("target")) {
                    content.write(0, PAIR_BYTES, (offset, data) -> source.write(data, offset));
                    measure(
                            rounds,
                            new Xfs(
                                    "XFS, one call",
                                    content,
                                    source,
                                    target,
                                    block,
                                    PAIR_BYTES,
                                    new SplittableRandom(1)));
                    measure(
                            rounds,
                            new Xfs(
                                    "XFS, calls of 16 MiB",
                                    content,
                                    source,
                                    target,
                                    block,
                                    16 << 20,
                                    new SplittableRandom(1)));
                }
            }
        }
        print();
    }

    /** Each pair has a target of its own: a file that has been written to and fro is another matter. */
    private static final class Ours implements Side {
        private final DiskVolume volume;
        private final Content content;
        private final OpenFile source;
        private final MemorySegment block;
        private final @Nullable RemapOptions how;
        private final SplittableRandom random = new SplittableRandom(1);
        private @Nullable OpenFile current;
        private int targets;

        /** @param how null for no dedupe: how long a call takes beside a thread that merely computes, on this machine now */
        Ours(DiskVolume volume, Content content, OpenFile source, MemorySegment block, @Nullable RemapOptions how) {
            this.volume = volume;
            this.content = content;
            this.source = source;
            this.block = block;
            this.how = how;
        }

        private OpenFile target() {
            return Objects.requireNonNull(current);
        }

        @Override
        public String name() {
            return how == null
                    ? "no dedupe, a thread that compares memory"
                    : how.protocol().name().toLowerCase(Locale.ROOT);
        }

        @Override
        public void prepare() throws Exception {
            current = volume.createFile(name() + targets++);
            content.write(0, PAIR_BYTES, target()::write);
            volume.vfs().sync();
        }

        @Override
        public void dedupe() throws Exception {
            if (how == null) {
                compareMemory();
            } else {
                volume.dedupe(source, target(), PAIR_BYTES, how);
            }
        }

        private static void compareMemory() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment one = arena.allocate(BUSY_BYTES);
                MemorySegment other = arena.allocate(BUSY_BYTES);
                for (long end = System.nanoTime() + BASELINE_NANOS; System.nanoTime() - end < 0; ) {
                    if (one.mismatch(other) >= 0) {
                        throw new IllegalStateException("zeros that differ");
                    }
                }
            }
        }

        @Override
        public void write() throws Exception {
            long offset = randomOffset(random);
            content.block(0, offset, block);
            target().write(offset, block);
        }

        @Override
        public void read() throws Exception {
            target().read(randomOffset(random), block);
        }

        /** Its pages would take the room of the next one's. */
        @Override
        public void finish() throws Exception {
            target().close();
            volume.remove(name() + (targets - 1));
        }
    }

    private record Xfs(
            String name,
            Content content,
            HostFile source,
            HostFile target,
            MemorySegment block,
            long callBytes,
            SplittableRandom random)
            implements Side {
        @Override
        public void prepare() throws Exception {
            content.write(0, PAIR_BYTES, (offset, data) -> target.write(data, offset));
            target.sync();
        }

        @Override
        public void dedupe() throws Exception {
            XfsMount.dedupe(source, target, PAIR_BYTES, callBytes);
        }

        @Override
        public void write() throws Exception {
            long offset = randomOffset(random);
            content.block(0, offset, block);
            target.write(block, offset);
        }

        @Override
        public void read() throws Exception {
            target.read(block, randomOffset(random));
        }

        @Override
        public void finish() {}
    }

    private static long randomOffset(SplittableRandom random) {
        return (long) random.nextInt(BLOCKS) * BLOCK_BYTES;
    }

    /** {@code --side=NAME}, {@code --call=NAME} have it measure only those. */
    private void measure(int rounds, Side side) throws Exception {
        if (!isWanted("side", side.name())) {
            return;
        }
        for (int round = -1; round < rounds; round++) {
            measure(side, "write, 10,000/s", paced, side::write, round >= 0);
            measure(side, "write, flat out", flatOut, side::write, round >= 0);
            measure(side, "read, flat out", flatOut, side::read, round >= 0);
        }
    }

    private void measure(Side side, String what, BusyThread thread, BusyThread.Work call, boolean counts)
            throws Exception {
        if (!isWanted("call", what)) {
            return;
        }
        side.prepare();
        Latencies latencies = thread.during(side::dedupe, call);
        side.finish();
        if (counts) {
            Row row = rows.computeIfAbsent(side.name() + ": " + what, _ -> new Row());
            row.calls += latencies.sortedNanos().length;
            row.figures.add("p50", latencies.atRank(0.5));
            row.figures.add("p99", latencies.atRank(0.99));
            row.figures.add("p99.9", latencies.atRank(0.999));
            row.figures.add("longest", latencies.longestOutsideGc());
            row.figures.add("gc", latencies.longestGc());
            row.figures.add("dedupe", latencies.otherSeconds());
        }
    }

    private static boolean isWanted(String option, String name) {
        return name.startsWith(Bench.option(option, ""));
    }

    private void print() {
        var table = new Table(
                "1 GiB in one request, 1 thread",
                "calls",
                "p50 µs",
                "p99 µs",
                "p99.9 µs",
                "longest ms",
                "worst ms",
                "GC ms",
                "dedupe s");
        rows.forEach((name, row) -> table.row(
                name,
                Integer.toString(row.calls),
                Table.number("%.1f", row.figures.median("p50") * 1e6),
                Table.number("%.1f", row.figures.median("p99") * 1e6),
                Table.number("%.1f", row.figures.median("p99.9") * 1e6),
                Table.number("%.2f", row.figures.median("longest") * 1e3),
                Table.number("%.2f", row.figures.most("longest") * 1e3),
                Table.number("%.0f", row.figures.most("gc") * 1e3),
                Table.number("%.3f", row.figures.median("dedupe"))));
        table.print(
                "How long one 4 KiB call on the target takes during a dedupe: medians of the rounds, and the worst round"
                        + " (both outside garbage collection)");
    }
}
