package samepage.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.OpenFlags;

/** An XFS in a file of the host, mounted by a loop device that bypasses the host's page cache; gone when it is closed. */
final class XfsMount implements AutoCloseable {
    private static final long FIDEDUPERANGE = 0xC0189436L;
    private static final int HEADER_BYTES = 24;
    private static final int ENTRY_BYTES = 32;

    private final Path image;
    private final Path directory;
    private final String device;

    private XfsMount(Path image, Path directory, String device) {
        this.image = image;
        this.directory = directory;
        this.device = device;
    }

    /** Null, with the reason printed, where it cannot be. */
    static @Nullable XfsMount mount(Path scratch, long bytes) throws IOException, InterruptedException {
        if (HostProcess.effectiveUserId() != 0) {
            System.out.println("XFS is left out: to mount it takes root");
            return null;
        }
        Path image = scratch.resolve("xfs.image");
        Path directory = Files.createDirectory(scratch.resolve("xfs"));
        String device = "";
        try {
            HostCommand.run("truncate", "-s", Long.toString(bytes), image.toString());
            HostCommand.run("mkfs.xfs", "-q", image.toString());
            device = HostCommand.output("losetup", "--find", "--show", "--direct-io=on", image.toString());
            HostCommand.run("mount", "-t", "xfs", device, directory.toString());
            return new XfsMount(image, directory, device);
        } catch (IOException e) {
            if (!device.isEmpty()) {
                HostCommand.run("losetup", "-d", device);
            }
            System.out.println("XFS is left out: " + e.getMessage());
            return null;
        }
    }

    Path path(String name) {
        return directory.resolve(name);
    }

    /** Gives the image's zeros back to the host. */
    void digHoles() throws IOException, InterruptedException {
        HostCommand.run("fallocate", "--dig-holes", image.toString());
    }

    HostFile createFile(String name) throws IOException {
        return HostFile.open(
                HostPath.of(path(name)), OpenFlags.CREATE | OpenFlags.READ_WRITE | OpenFlags.TRUNCATE, 0600);
    }

    /** Dedupes {@code bytes} in calls of at most {@code callBytes}. */
    static void dedupe(HostFile source, HostFile target, long bytes, long callBytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocate(HEADER_BYTES + ENTRY_BYTES, Long.BYTES);
            for (long offset = 0; offset < bytes; offset += callBytes) {
                long length = Math.min(callBytes, bytes - offset);
                range.set(ValueLayout.JAVA_LONG, 0, offset);
                range.set(ValueLayout.JAVA_LONG, 8, length);
                range.set(ValueLayout.JAVA_SHORT, 16, (short) 1);
                range.set(ValueLayout.JAVA_LONG, HEADER_BYTES, target.number());
                range.set(ValueLayout.JAVA_LONG, HEADER_BYTES + 8, offset);
                source.control(FIDEDUPERANGE, range);
                long deduped = range.get(ValueLayout.JAVA_LONG, HEADER_BYTES + 16);
                int status = range.get(ValueLayout.JAVA_INT, HEADER_BYTES + 24);
                if (status != 0 || deduped != length) {
                    throw new IllegalStateException("XFS: status=" + status + " deduped=" + deduped);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            HostCommand.run("umount", directory.toString());
            HostCommand.run("losetup", "-d", device);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
