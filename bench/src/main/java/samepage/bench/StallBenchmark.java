package samepage.bench;

import static samepage.remap.RemapOptions.Protocol.LOCKED;
import static samepage.remap.RemapOptions.Protocol.OPTIMISTIC;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import samepage.bench.BusyThread.Call;
import samepage.bench.BusyThread.Latencies;
import samepage.bench.BusyThread.Other;
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

    private final GcPauses pauses = new GcPauses();
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final BusyThread paced = new BusyThread(PACE_NANOS);
    private final BusyThread flatOut = new BusyThread(0);

    /** One line of the table: figures of each round. */
    private static final class Row {
        final Timings figures = new Timings();
        int calls;
    }

    /** How one side is prepared and deduped, and what its callers do. */
    private record Side(String name, Other prepare, Other dedupe, Call write, Call read) {}

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        try (var content = new Content();
                Arena arena = Arena.ofShared();
                var volume = DiskVolume.create(scratch.resolve("volume"), CACHE_BYTES);
                var xfs = XfsMount.mount(scratch, 4 * PAIR_BYTES)) {
            MemorySegment block = arena.allocate(BLOCK_BYTES, BLOCK_BYTES);
            try (var source = volume.createFile("source");
                    var target = volume.createFile("target")) {
                content.write(0, PAIR_BYTES, source::write);
                for (RemapOptions.Protocol protocol : new RemapOptions.Protocol[] {OPTIMISTIC, LOCKED}) {
                    measure(rounds, ours(volume, content, source, target, block, new RemapOptions(protocol, 1)));
                }
            }
            if (xfs != null) {
                try (HostFile source = xfs.createFile("source");
                        HostFile target = xfs.createFile("target")) {
                    content.write(0, PAIR_BYTES, (offset, data) -> source.write(data, offset));
                    measure(rounds, xfs("XFS, one call", content, source, target, block, PAIR_BYTES));
                    measure(rounds, xfs("XFS, calls of 16 MiB", content, source, target, block, 16 << 20));
                }
            }
        }
        print();
    }

    private static Side ours(
            DiskVolume volume, Content content, OpenFile source, OpenFile target, MemorySegment block, RemapOptions how) {
        var random = new SplittableRandom(1);
        return new Side(
                how.protocol().name().toLowerCase(java.util.Locale.ROOT),
                () -> {
                    content.write(0, PAIR_BYTES, target::write);
                    volume.vfs().sync();
                },
                () -> volume.dedupe(source, target, PAIR_BYTES, how),
                _ -> {
                    long offset = (long) random.nextInt(BLOCKS) * BLOCK_BYTES;
                    content.block(0, offset, block);
                    target.write(offset, block);
                },
                _ -> target.read((long) random.nextInt(BLOCKS) * BLOCK_BYTES, block));
    }

    private static Side xfs(
            String name, Content content, HostFile source, HostFile target, MemorySegment block, long callBytes) {
        var random = new SplittableRandom(1);
        return new Side(
                name,
                () -> {
                    content.write(0, PAIR_BYTES, (offset, data) -> target.write(data, offset));
                    target.sync();
                },
                () -> XfsMount.dedupe(source, target, PAIR_BYTES, callBytes),
                _ -> {
                    long offset = (long) random.nextInt(BLOCKS) * BLOCK_BYTES;
                    content.block(0, offset, block);
                    target.write(block, offset);
                },
                _ -> target.read(block, (long) random.nextInt(BLOCKS) * BLOCK_BYTES));
    }

    private void measure(int rounds, Side side) throws Exception {
        for (int round = -1; round < rounds; round++) {
            measure(side, "write, 10,000/s", paced, side.write, round >= 0);
            measure(side, "write, flat out", flatOut, side.write, round >= 0);
            measure(side, "read, flat out", flatOut, side.read, round >= 0);
        }
    }

    private void measure(Side side, String what, BusyThread thread, Call call, boolean counts) throws Exception {
        side.prepare.run();
        Latencies latencies = thread.during(side.dedupe, call, pauses);
        if (counts) {
            Row row = rows.computeIfAbsent(side.name + ": " + what, _ -> new Row());
            row.calls += latencies.sortedNanos().length;
            row.figures.add("p50", latencies.atRank(0.5));
            row.figures.add("p99", latencies.atRank(0.99));
            row.figures.add("p99.9", latencies.atRank(0.999));
            row.figures.add("longest", latencies.longestOutsideGc());
            row.figures.add("gc", latencies.longestGc());
            row.figures.add("dedupe", latencies.otherSeconds());
        }
    }

    private void print() {
        var table = new Table(
                "1 GiB in one request, 1 thread", "calls", "p50 µs", "p99 µs", "p99.9 µs", "longest ms", "worst ms", "GC ms", "dedupe s");
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
        table.print("How long one 4 KiB call on the target takes during a dedupe: medians of the rounds, and the worst round"
                + " (both outside garbage collection)");
    }
}
