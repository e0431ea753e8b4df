package samepage.linux.reflink;

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

    enum Kind {
        XFS(400, "mkfs.xfs"),
        BTRFS(400, "mkfs.btrfs"),
        EXT4(100, "mkfs.ext4");

        private final int megabytes;
        private final String make;

        Kind(int megabytes, String make) {
            this.megabytes = megabytes;
            this.make = make;
        }
    }

    private LoopFileSystem(Path scratch, Path directory) {
        this.scratch = scratch;
        this.directory = directory;
    }

    /** Skips the test, and says why, where it cannot be. */
    static LoopFileSystem mount(Kind kind) throws IOException, InterruptedException {
        assumeTrue(HostProcess.effectiveUserId() == 0, "to mount a file system takes root");
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "there are no loop devices here");
        assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin", kind.make)) || Files.isExecutable(Path.of("/sbin", kind.make)),
                kind.make + " is not installed");
        Path scratch = Files.createTempDirectory("samepage-loop-");
        Path image = scratch.resolve("image");
        Path directory = Files.createDirectory(scratch.resolve("mounted"));
        try {
            run("truncate", "-s", kind.megabytes + "M", image.toString());
            run(kind.make, "-q", image.toString());
            run("mount", "-o", "loop,noatime", image.toString(), directory.toString());
        } catch (IOException e) {
            new ProcessBuilder("rm", "-rf", scratch.toString()).start().waitFor();
            assumeTrue(false, "no " + kind + " can be mounted here: " + e.getMessage());
        }
        return new LoopFileSystem(scratch, directory);
    }

    /** Runs a command of the host to its end and gives what it printed; fails where it does. */
    static String run(String... command) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        Process process = builder.start();
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
