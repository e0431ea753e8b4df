package samepage.block;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Loop devices and small file systems on them for a test, undone at its end; tests are skipped where the host has none. */
final class LoopDevices implements AutoCloseable {
    private final Path directory;
    private final Deque<List<String>> undo = new ArrayDeque<>();

    LoopDevices(Path directory) {
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "loop devices need root, this is another user");
        Assumptions.assumeTrue(Files.exists(Path.of("/dev/loop-control")), "this host has no loop devices");
        this.directory = directory;
    }

    /** A raw device of zeros. */
    Path raw(long bytes) throws IOException {
        var image = Files.createTempFile(directory, "loop", ".img");
        try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
        }
        return attach(image);
    }

    private Path attach(Path image) throws IOException {
        var device = run("losetup", "--find", "--show", image.toString()).strip();
        undo.push(List.of("losetup", "--detach", device));
        return Path.of(device);
    }

    /** The root of a mounted ext4 of this size. */
    Path ext4(long bytes) throws IOException {
        var device = raw(bytes);
        run("mkfs.ext4", "-q", "-m", "0", device.toString());
        var root = Files.createTempDirectory(directory, "ext4");
        run("mount", device.toString(), root.toString());
        undo.push(List.of("umount", "--lazy", root.toString()));
        return root;
    }

    private static String run(String... command) throws IOException {
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Assumptions.assumeTrue(
                    process.waitFor() == 0, () -> String.join(" ", command) + " does not work here: " + output);
            return output;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        while (!undo.isEmpty()) {
            run(undo.pop().toArray(String[]::new));
        }
    }
}
