package samepage.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import samepage.remap.RemapOptions;
import samepage.vfs.Caller;
import samepage.volume.Volume;

/** How long it takes to begin, and how much memory and index a large volume needs. */
final class StartBenchmark implements Bench.Benchmark {
    private static final int FILES = 500_000;
    private static final int FILES_PER_DIRECTORY = 1000;
    private static final long CACHE_BYTES = 256L << 20;
    private static final long STORED_BYTES = 8L << 30;
    private static final long PART_BYTES = 1L << 30;
    private static final long LOGICAL_BYTES = 1L << 40;

    private final Timings timings = new Timings();

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        Path volume = scratch.resolve("files");
        createFiles(volume);
        String samepage = System.getProperty("samepage.launcher", "./samepage");
        for (int round = -1; round < rounds; round++) {
            Timings into = round < 0 ? new Timings() : timings;
            into.time("samepage --version", () -> HostCommand.run(samepage, "--version"));
            into.time("samepage df, 500,000 files", () -> HostCommand.run(samepage, "df", volume.toString()));
            into.time("open and df in a running JVM", () -> {
                try (var opened = DiskVolume.open(volume, CACHE_BYTES)) {
                    opened.vfs().statFs();
                }
            });
        }
        var table = new Table("", "median s", "least", "most");
        for (String name : timings.names()) {
            table.row(
                    name,
                    Table.number("%.3f", timings.median(name)),
                    Table.number("%.3f", timings.least(name)),
                    Table.number("%.3f", timings.most(name)));
        }
        table.print("Start");
        fillTerabyte(scratch.resolve("terabyte"));
    }

    private static void createFiles(Path directory) throws Exception {
        try (var volume = DiskVolume.create(directory, CACHE_BYTES);
                var content = new Content()) {
            long parent = Volume.ROOT;
            for (int i = 0; i < FILES; i++) {
                if (i % FILES_PER_DIRECTORY == 0) {
                    parent = volume.vfs()
                            .mkdir(Caller.ROOT, Volume.ROOT, ("directory" + i).getBytes(UTF_8), 0755)
                            .ino();
                }
                try (var file = volume.createFile(parent, "file" + i)) {
                    file.write(0, content.small(i, 100));
                }
            }
        }
    }

    /** A terabyte of files, of which 8 GiB differ: written, cloned, deduped, counted, and opened again. */
    private static void fillTerabyte(Path directory) throws Exception {
        long metadataBytes;
        try (var volume = DiskVolume.create(directory, CACHE_BYTES);
                var content = new Content()) {
            long empty = volume.metadataBytes();
            long logical = 0;
            for (int i = 0; i < STORED_BYTES / PART_BYTES; i++) {
                try (var file = volume.createFile("part" + i)) {
                    content.write(i, PART_BYTES, file::write);
                }
                logical += PART_BYTES;
            }
            volume.vfs().sync();
            metadataBytes = volume.metadataBytes() - empty;
            try (var source = volume.openFile("part0")) {
                for (int i = 0; logical < LOGICAL_BYTES; i++, logical += PART_BYTES) {
                    try (var clone = volume.createFile("clone" + i)) {
                        volume.cloneAll(source, clone);
                        volume.dedupe(source, clone, PART_BYTES, RemapOptions.DEFAULT);
                    }
                }
            }
            volume.vfs().sync();
        }
        long opened = System.nanoTime();
        try (var volume = DiskVolume.open(directory, CACHE_BYTES)) {
            long logical = volume.vfs().volume().usage().mappedBlocks()
                    * volume.vfs().volume().blockSize();
            var table = new Table("1 TiB of logical data, 8 GiB of it different", "");
            table.row("logical", Table.number("%.2f TiB", logical / (double) LOGICAL_BYTES));
            table.row("opened in", Table.number("%.3f s", (System.nanoTime() - opened) / 1e9));
            table.row(
                    "heap allowed",
                    Table.number("%.0f MiB", Runtime.getRuntime().maxMemory() / 0x1p20));
            table.row("heap used at most after a collection", Table.number("%.0f MiB", heapPeak() / 0x1p20));
            table.row(
                    "index of 1 TiB of different data",
                    Table.number("%.2f GiB", metadataBytes * (LOGICAL_BYTES / (double) STORED_BYTES) / 0x1p30));
            table.print("Memory and index");
        }
    }

    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
                .map(MemoryPoolMXBean::getCollectionUsage)
                .mapToLong(java.lang.management.MemoryUsage::getUsed)
                .sum();
    }
}
