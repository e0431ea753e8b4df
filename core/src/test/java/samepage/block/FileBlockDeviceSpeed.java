package samepage.block;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints what writing a gigabyte in sequence costs, directly and through the host's cache; a program, not a test. Argument: a
 * directory on the disk in question. A buffer at an odd address is what sends a write through the cache.
 */
final class FileBlockDeviceSpeed {
    private static final int BLOCK = 4096;
    private static final long TOTAL_BYTES = 1L << 30;

    private FileBlockDeviceSpeed() {}

    public static void main(String[] arguments) throws IOException {
        for (var round = 0; round < 2; round++) {
            for (var size : new int[] {64 << 10, 256 << 10, 2 << 20}) {
                measure(Path.of(arguments[0]), size, 0);
                // Twice: the first meets memory that is new to the host's cache, the second what the first has freed.
                measure(Path.of(arguments[0]), size, 1);
                measure(Path.of(arguments[0]), size, 1);
            }
        }
    }

    private static void measure(Path directory, int size, int skew) throws IOException {
        var file = Files.createTempFile(directory, "speed", ".blocks");
        try (var device = FileBlockDevice.open(file, BLOCK);
                var arena = Arena.ofConfined()) {
            var source = arena.allocate(size + BLOCK, BLOCK).asSlice(skew, size).fill((byte) 1);
            var start = System.nanoTime();
            for (var block = 0L; block < TOTAL_BYTES / BLOCK; block += size / BLOCK) {
                device.write(block, source);
            }
            device.flush();
            var seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%5d KiB %-8s %.2f GB/s%n",
                    size >> 10, skew == 0 ? "direct" : "buffered", TOTAL_BYTES / seconds / 1e9);
        } finally {
            Files.delete(file);
        }
    }
}
