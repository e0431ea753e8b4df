package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.fuse.FuseMount;
import samepage.linux.fuse.MountTable;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;

/** Serves one mounted volume, from opening it to closing it. */
final class MountDaemon {
    /** How long the one before may take to make everything durable after it was unmounted. */
    private static final int PATIENCE_SECONDS = 30;

    private static final Duration END_PATIENCE = Duration.ofSeconds(5);
    private static final int RETRY_MILLIS = 50;

    private final byte[] location;
    private final MountPoint mountPoint;
    private final MountOptions options;

    MountDaemon(byte[] location, MountPoint mountPoint, MountOptions options) {
        this.location = location;
        this.mountPoint = mountPoint;
        this.options = options;
    }

    /** Told once the volume is mounted. */
    interface Ready {
        void at(Path volume) throws IOException;
    }

    /** Mounts, serves until it is unmounted or this process is asked to end, and closes the volume. */
    void serve(Ready ready) throws IOException {
        try (var volume = open()) {
            mountPoint.prepare(HostPath.of(volume.hostPath().toRealPath()));
            FuseMount mount = mount(volume);
            Interruption.whenRequested(() -> end(volume, mount));
            try (var sharing = share(volume, mount);
                    var _ = listen(volume, mount, sharing)) {
                ready.at(volume.hostPath());
                awaitEnd(mount);
            }
        }
    }

    /** Commands on the mounted volume; null where its directory is only to be read. */
    private @Nullable ControlSocket listen(OpenVolume volume, FuseMount mount, @Nullable BackgroundSharing sharing)
            throws IOException {
        return options.isReadOnly()
                ? null
                : ControlSocket.listen(
                        volume.hostPath(),
                        new LiveVolume(
                                sharing,
                                volume,
                                mount,
                                new MountFacts(PrintableName.of(mountPoint.real()), Instant.now())));
    }

    /** Null where duplicates are not shared in the background. */
    private @Nullable BackgroundSharing share(OpenVolume volume, FuseMount mount) {
        return options.isDedupedInBackground() ? new BackgroundSharing(volume, mount, options.ofSharing()) : null;
    }

    private OpenVolume open() throws IOException {
        long patienceEnds = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                return OpenVolume.toMount(location, options);
            } catch (VfsException e) {
                if (e.errno() != Errno.EBUSY || !isEnding(e) || System.nanoTime() > patienceEnds) {
                    throw e;
                }
                pause();
            }
        }
    }

    /** Whether the volume is held by one that was unmounted, and only finishes. */
    private boolean isEnding(VfsException busy) throws IOException {
        var real = text(HostPath.of(VolumeLocation.path(location).toRealPath()));
        for (var mounted : MountTable.read()) {
            if (mounted.source().equals(real) && mounted.isSamepage() && !mounted.isStale()) {
                throw new Refusal(
                        PrintableName.of(location),
                        "is mounted already, at " + MountPoint.printable(mounted.directory()));
            }
        }
        return String.valueOf(busy.getMessage()).contains("(samepage mount)");
    }

    private FuseMount mount(OpenVolume volume) throws IOException {
        var source = text(HostPath.of(volume.hostPath().toRealPath()));
        try {
            return FuseMount.mount(volume.vfs(), mountPoint.real(), options.ofMount(source));
        } catch (VfsException e) {
            switch (e.errno()) {
                case ENOENT, ENODEV, ENXIO ->
                    throw new Refusal(
                            mountPoint.typed(),
                            FailureText.whole(e),
                            "mounting takes FUSE, in the kernel and as /dev/fuse");
                case EPERM, EACCES ->
                    throw HostProcess.effectiveUserId() == 0
                            ? new Refusal(mountPoint.typed(), FailureText.whole(e), "mounting takes root's rights")
                            : new Refusal(mountPoint.typed(), "fusermount3 refused, for the reason above");
                default -> throw e;
            }
        }
    }

    private static void awaitEnd(FuseMount mount) {
        var interrupted = false;
        while (true) {
            try {
                mount.awaitEnd();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * This process has been asked to end. Who still uses the mount is cut off, after everything they have written is durable:
     * whoever stops a service means it.
     */
    private void end(OpenVolume volume, FuseMount mount) {
        try {
            mount.unmount();
        } catch (IOException inUse) {
            try {
                mount.flushPrograms();
                volume.vfs().sync();
                mount.abort();
                if (!mount.awaitEnd(END_PATIENCE)) {
                    Runtime.getRuntime()
                            .halt(Main.DONE_IN_PART); // all is durable; who still writes is told that it failed
                }
            } catch (IOException e) {
                System.err.println("samepage: " + FailureText.whole(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interrupted();
        }
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.ISO_8859_1);
    }
}
