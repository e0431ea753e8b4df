package samepage.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import samepage.errno.VfsException;
import samepage.linux.fuse.FuseMount;

@Command(
        name = "umount",
        header = "Unmount a volume, and wait until everything is durable.",
        description = {"", "umount(8) does as well, but does not wait.", ""})
final class UnmountCommand extends Subcommand {
    private static final int RETRY_MILLIS = 20;

    @Parameters(paramLabel = "DIR", description = "Where a volume is mounted.")
    private String argument = "";

    @Option(
            names = "--lazy",
            description = "Unmount at once what is in use, too: it ends with its last user. Does not wait.")
    private boolean lazy;

    @Override
    int run() throws IOException {
        var mountPoint = MountPoint.of(argument);
        var mounted = mountPoint.mounted();
        if (lazy || mounted.isStale()) {
            FuseMount.detach(mountPoint.real());
            return Main.DONE;
        }
        try {
            FuseMount.unmount(mountPoint.real());
        } catch (VfsException e) {
            switch (e.errno()) {
                case EBUSY ->
                    throw new Refusal(
                            mountPoint.typed(), "is in use", "'fuser -vm " + mountPoint.typed() + "' shows by whom");
                case EPERM -> throw new Refusal(mountPoint.typed(), "was mounted by somebody else");
                default -> throw e;
            }
        }
        awaitClosed(mounted.source());
        return Main.DONE;
    }

    /** Waits until the volume is free for others. Whoever may not look need not wait. */
    private static void awaitClosed(String source) throws IOException {
        var lock = Path.of(ArgumentText.of(source.getBytes(StandardCharsets.ISO_8859_1)))
                .resolve("lock");
        try (var channel = FileChannel.open(lock, StandardOpenOption.READ)) {
            while (true) {
                try (var shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
                    if (shared != null) {
                        return;
                    }
                }
                Thread.sleep(RETRY_MILLIS);
            }
        } catch (NoSuchFileException | AccessDeniedException e) {
            // Not ours to look at.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interrupted();
        }
    }
}
