package samepage.linux.fuse;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import samepage.block.MemoryBlockDevice;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.HugePages;
import samepage.vfs.Caller;
import samepage.vfs.SetAttributes;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.vfs.VfsOptions.AccessTimes;
import samepage.volume.MemoryMetadataStore;
import samepage.volume.Volume;

/**
 * A process that mounts volumes in memory, as its standard input tells it: {@code new DIR}, {@code remount}, {@code end}. It
 * answers {@code ok}, or what went wrong, on one line.
 */
public final class TestDaemon {
    private static final int BLOCK_SIZE = 4096;
    private static final int BLOCKS = 64 << 10;
    private static final int CACHE_BYTES = 32 << 20;

    /** Whether requests are to come by io_uring. */
    private static final boolean RINGS = Boolean.getBoolean("samepage.test.rings");

    private @Nullable Vfs vfs;
    private @Nullable FuseMount mount;
    private byte[] directory = {};
    private final PrintStream standardError = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private TestDaemon() {}

    public static void main(String[] arguments) throws IOException {
        var daemon = new TestDaemon();
        System.setErr(new PrintStream(daemon.log, true, StandardCharsets.UTF_8));
        var commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            try {
                daemon.obey(line.split(" ", 2));
                System.out.println("ok");
            } catch (IOException | InterruptedException | RuntimeException | Error e) {
                System.out.println("failed: " + e);
                e.printStackTrace(daemon.standardError);
            }
        }
        System.exit(0);
    }

    private void obey(String[] command) throws IOException, InterruptedException {
        switch (command[0]) {
            case "new" -> {
                directory = command[1].getBytes(StandardCharsets.UTF_8);
                var volume = Volume.createOn(new MemoryBlockDevice(BLOCK_SIZE, BLOCKS), new MemoryMetadataStore());
                vfs = Vfs.mount(
                        volume,
                        VfsOptions.DEFAULT
                                .withCacheBytes(CACHE_BYTES)
                                .withMemory(HugePages::of)
                                .withAccessControlLists());
                // Whoever creates a volume owns its root.
                vfs.setAttributes(
                        Caller.ROOT,
                        Volume.ROOT,
                        SetAttributes.NONE.withOwner(HostProcess.userId(), HostProcess.groupId()));
                mount();
            }
            case "remount" -> {
                unmount();
                mount();
            }
            case "end" -> {
                unmount();
                var ended = Objects.requireNonNull(vfs);
                ended.sync();
                var problems = ended.volume().audit().problems();
                ended.close();
                if (!problems.isEmpty()) {
                    throw new IllegalStateException("the audit found " + problems);
                }
                if (log.size() > 0) {
                    throw new IllegalStateException(
                            "logged: " + log.toString(StandardCharsets.UTF_8).strip());
                }
            }
            default -> throw new IllegalArgumentException(command[0]);
        }
    }

    private void mount() throws IOException {
        mount = FuseMount.mount(
                Objects.requireNonNull(vfs),
                directory,
                new FuseOptions("test", "samepage", false, AccessTimes.RELATIVE, true, true, true, true, RINGS));
        if (mount.usesRings() != RINGS) {
            throw new IllegalStateException("the requests come by " + (RINGS ? "the device" : "io_uring"));
        }
    }

    private void unmount() throws IOException, InterruptedException {
        var ended = Objects.requireNonNull(mount);
        ended.unmount();
        ended.awaitEnd();
    }
}
