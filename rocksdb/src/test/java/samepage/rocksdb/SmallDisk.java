package samepage.rocksdb;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** An ext4 of a few megabytes, mounted for a test; the test is skipped where the host does not let us. */
record SmallDisk(Path root) implements AutoCloseable {
    static SmallDisk mount(Path directory, long bytes) throws IOException {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "mounting needs root, this is another user");
        var image = directory.resolve("disk.img");
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        var root = Files.createDirectory(directory.resolve("disk"));
        run("mkfs.ext4", "-q", "-m", "0", image.toString());
        run("mount", "-o", "loop", image.toString(), root.toString());
        return new SmallDisk(root);
    }

    private static void run(String... command) throws IOException {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            var succeeded = process.waitFor() == 0;
            Assumptions.assumeTrue(succeeded, () -> String.join(" ", command) + " does not work here: " + output);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        // Lazily: a failed test may still have files open there.
        run("umount", "--lazy", root.toString());
    }
}
