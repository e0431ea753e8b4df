package samepage.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import samepage.linux.syscall.HostProcess;

/** A file system of its own in a file of the host, mounted for tests; gone when it is closed. */
final class LoopFileSystem implements AutoCloseable {
    private final Path scratch;
    final Path directory;

    private LoopFileSystem(Path scratch, Path directory) {
        this.scratch = scratch;
        this.directory = directory;
    }

    /** Skips the test, and says why, where it cannot be. */
    static LoopFileSystem mount(String kind) throws IOException, InterruptedException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "to mount a file system takes root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices here");
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/mkfs." + kind)), "mkfs." + kind + " is not installed");
        Path scratch = Files.createTempDirectory("samepage-loop-");
        Path image = scratch.resolve("image");
        Path directory = Files.createDirectory(scratch.resolve("mounted"));
        try {
            run("truncate", "-s", "400M", image.toString());
            run("/usr/sbin/mkfs." + kind, "-q", image.toString());
            run("mount", "-o", "loop,noatime", image.toString(), directory.toString());
        } catch (IOException e) {
            run("rm", "-rf", scratch.toString());
            assumeTrue(false, "no " + kind + " can be mounted here: " + e.getMessage());
        }
        return new LoopFileSystem(scratch, directory);
    }

    /** Unmounts and mounts again, so that all that is read comes from the disk. */
    void remount() throws IOException, InterruptedException {
        run("umount", directory.toString());
        run("mount", "-o", "loop,noatime", scratch.resolve("image").toString(), directory.toString());
    }

    /** What df calls used, in bytes, after all that was written has reached the disk. */
    long usedBytes() throws IOException, InterruptedException {
        run("sync", "-f", directory.toString());
        var blocks = run("stat", "-f", "-c", "%b %f %S", directory.toString()).split(" ", -1);
        return (Long.parseLong(blocks[0]) - Long.parseLong(blocks[1])) * Long.parseLong(blocks[2]);
    }

    /** Runs a command of the host to its end and gives what it printed; fails where it does. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + text.strip());
        }
        return text.strip();
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", directory.toString());
            run("rm", "-rf", scratch.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
