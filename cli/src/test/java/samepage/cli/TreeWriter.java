package samepage.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/**
 * A program that changes files of its own in every way there is and knows each byte that they have. It prints what is not as it
 * left it, and at its end each file's length and hash; run as {@code TreeWriter DIRECTORY SEED SECONDS}.
 */
final class TreeWriter {
    private static final int FILES = 12;
    private static final int BLOCK = 4096;
    private static final int MOST_BYTES = 48 * BLOCK;

    private final Path directory;
    private final Random random;
    private final byte[][] contents = new byte[FILES][];

    private TreeWriter(Path directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
    }

    public static void main(String[] arguments) throws IOException {
        var writer = new TreeWriter(Path.of(arguments[0]), Long.parseLong(arguments[1]));
        writer.run(Duration.ofSeconds(Long.parseLong(arguments[2])));
    }

    /** What all writers, and others, have in common, so that there is something to share. */
    static byte[] common(int length) {
        var bytes = new byte[MOST_BYTES];
        new Random(1).nextBytes(bytes);
        return Arrays.copyOf(bytes, length);
    }

    private void run(Duration time) throws IOException {
        for (int i = 0; i < FILES; i++) {
            contents[i] = common(MOST_BYTES);
            Files.write(path(i), contents[i]);
        }
        long changes = 0;
        for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() < end; changes++) {
            int file = random.nextInt(FILES);
            check(file);
            change(file);
            check(file);
        }
        System.out.println("changes " + changes);
        for (int i = 0; i < FILES; i++) {
            check(i);
            System.out.println("file " + path(i) + " " + contents[i].length + " " + Arrays.hashCode(contents[i]));
        }
    }

    private Path path(int file) {
        return directory.resolve("own" + file);
    }

    private void check(int file) throws IOException {
        var read = Files.readAllBytes(path(file));
        int at = Arrays.mismatch(read, contents[file]);
        if (at >= 0) {
            System.out.println(
                    "WRONG " + path(file) + " at " + at + ", lengths " + read.length + " and " + contents[file].length);
        }
    }

    private void change(int file) throws IOException {
        switch (random.nextInt(6)) {
            case 0 -> overwrite(file);
            case 1 -> truncate(file);
            case 2 -> {
                Files.delete(path(file));
                renew(file);
            }
            case 3 -> map(file);
            case 4 -> replace(file);
            default -> renew(file);
        }
    }

    private void overwrite(int file) throws IOException {
        var part = new byte[1 + random.nextInt(3 * BLOCK)];
        random.nextBytes(part);
        int at = random.nextInt(contents[file].length);
        contents[file] = Arrays.copyOf(contents[file], Math.max(contents[file].length, at + part.length));
        System.arraycopy(part, 0, contents[file], at, part.length);
        try (var open = new RandomAccessFile(path(file).toFile(), "rw")) {
            open.seek(at);
            open.write(part);
        }
    }

    private void truncate(int file) throws IOException {
        contents[file] = Arrays.copyOf(contents[file], 1 + random.nextInt(MOST_BYTES));
        try (var open = new RandomAccessFile(path(file).toFile(), "rw")) {
            open.setLength(contents[file].length);
        }
    }

    private void map(int file) throws IOException {
        try (var open = FileChannel.open(path(file), StandardOpenOption.READ, StandardOpenOption.WRITE);
                var arena = Arena.ofConfined()) {
            var mapped = open.map(FileChannel.MapMode.READ_WRITE, 0, contents[file].length, arena);
            for (int i = 0; i < 20; i++) {
                int at = random.nextInt(contents[file].length);
                contents[file][at] = (byte) random.nextInt();
                mapped.set(ValueLayout.JAVA_BYTE, at, contents[file][at]);
                check(file);
            }
        }
    }

    private void replace(int file) throws IOException {
        contents[file] = common(1 + random.nextInt(MOST_BYTES));
        var temporary = directory.resolve("temporary");
        Files.write(temporary, contents[file]);
        Files.move(temporary, path(file), StandardCopyOption.REPLACE_EXISTING);
    }

    private void renew(int file) throws IOException {
        contents[file] = common(MOST_BYTES);
        Files.write(path(file), contents[file]);
    }
}
