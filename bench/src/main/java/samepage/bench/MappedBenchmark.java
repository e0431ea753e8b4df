package samepage.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.SplittableRandom;
import samepage.vfs.Mapping;
import samepage.vfs.MappingMode;

/**
 * Stores through a memory map's windows beside stores into plain memory: in order, and at random places; and what the map
 * costs when its windows have just been taken away.
 */
final class MappedBenchmark implements Bench.Benchmark {
    private static final long BYTES = 128L << 20;
    private static final long CACHE_BYTES = 3L << 30;
    private static final int RANDOM_STORES = 4 << 20;

    /** Some memory at an offset, as much of it as there is in one piece. */
    private interface Memory {
        MemorySegment at(long offset) throws IOException;
    }

    @Override
    public void run(Path scratch, int rounds) throws Exception {
        var times = new Timings();
        try (var volume = DiskVolume.create(scratch.resolve("volume"), CACHE_BYTES);
                var file = volume.createFile("mapped");
                Arena arena = Arena.ofShared()) {
            file.truncate(BYTES);
            MemorySegment plain = arena.allocate(BYTES, 4096).fill((byte) 1);
            try (Mapping map = file.map(MappingMode.SHARED, 0, BYTES)) {
                Memory mapped = map::writeWindow;
                Memory unmapped = plain::asSlice;
                for (int round = -2; round < rounds; round++) {
                    var counted = round < 0 ? new Timings() : times;
                    counted.time("in order, windows just taken away", () -> storeInOrder(mapped));
                    counted.time("in order", () -> storeInOrder(mapped));
                    counted.time("in order, plain memory", () -> storeInOrder(unmapped));
                    counted.time("at random", () -> storeAtRandom(mapped));
                    counted.time("at random, plain memory", () -> storeAtRandom(unmapped));
                    file.fsync(true);
                }
            }
        }
        print(times);
    }

    private static void storeInOrder(Memory memory) throws IOException {
        for (long offset = 0; offset < BYTES; ) {
            MemorySegment window = memory.at(offset);
            long bytes = window.byteSize();
            for (long at = 0; at < bytes; at += Long.BYTES) {
                window.set(ValueLayout.JAVA_LONG, at, offset + at);
            }
            offset += bytes;
        }
    }

    /** A loop keeps a window for as long as it covers what is stored to. */
    private static void storeAtRandom(Memory memory) throws IOException {
        var random = new SplittableRandom(1);
        for (int i = 0; i < RANDOM_STORES; i++) {
            long offset = random.nextLong(BYTES / Long.BYTES) * Long.BYTES;
            memory.at(offset).set(ValueLayout.JAVA_LONG, 0, i);
        }
    }

    private static void print(Timings times) {
        var table = new Table("stores of 8 bytes", "median, million/s", "of plain memory");
        for (String name : times.names()) {
            long stores = name.startsWith("in order") ? BYTES / Long.BYTES : RANDOM_STORES;
            String plain = (name.startsWith("in order") ? "in order" : "at random") + ", plain memory";
            table.row(
                    name,
                    Table.number("%.0f", stores / times.median(name) / 1e6),
                    Table.number("%.2f", times.speed(name, plain)));
        }
        table.print("A memory map of 128 MiB beside plain memory of the same size");
    }
}
