package samepage.linux.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostMount;
import samepage.linux.syscall.HostProcess;
import samepage.vfs.Vfs;

/** A volume mounted at a directory of the host, served by threads of this process. */
public final class FuseMount {
    private static final int READ_AHEAD_KIB = 1024;

    private final byte[] directory;
    private final FuseSession session;

    private FuseMount(byte[] directory, FuseSession session) {
        this.directory = directory;
        this.session = session;
    }

    /**
     * Mounts. The volume stays open when the mount ends; whoever opened it closes it then.
     *
     * @param directory an absolute path without symbolic links
     * @throws VfsException EPERM, EACCES without the permission; ENODEV, ENOENT where the kernel has no FUSE; EBUSY
     */
    public static FuseMount mount(Vfs vfs, byte[] directory, FuseOptions options) throws IOException {
        HostFile device = isRoot() ? RootMount.mount(directory, options) : Fusermount.mount(directory, options);
        var session = new FuseSession(device, vfs, options);
        var mount = new FuseMount(directory, session);
        try {
            session.start();
        } catch (Throwable e) {
            mount.detachQuietly(e);
            device.close();
            throw e;
        }
        mount.readFarAhead();
        return mount;
    }

    private static boolean isRoot() {
        return HostProcess.effectiveUserId() == 0;
    }

    /** The kernel reads 128 KiB ahead unless told otherwise, and only root may tell. Where it cannot be told, reading is slower. */
    private void readFarAhead() {
        try {
            String device = MountTable.at(directory)
                    .map(MountTable.Mounted::device)
                    .orElseThrow(() -> new VfsException(Errno.ENOENT));
            Files.writeString(Path.of("/sys/class/bdi", device, "read_ahead_kb"), READ_AHEAD_KIB + "\n");
        } catch (IOException e) {
            // No harm.
        }
    }

    /** Waits until it is unmounted, by whomever, and all has been given back. */
    public void awaitEnd() throws InterruptedException {
        session.awaitEnd();
    }

    /** The same, for a time; false where it has not ended by then. */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return session.awaitEnd(time);
    }

    /**
     * Makes the kernel write back what programs have stored through memory maps: what is looked at afterwards is what they
     * stored. Not while a request is served by the calling thread.
     */
    public void flushPrograms() throws IOException {
        for (long ino : session.served().files().openForWriting()) {
            session.served().kernelCache().flushPages(ino, 0, 0);
        }
    }

    /** A name means something else than before, by another way than through the mount. */
    public void entryChanged(long directory, byte[] name) throws IOException {
        session.served().kernelCache().invalidateEntry(directory, name);
    }

    /** Whether requests come by io_uring. */
    public boolean usesRings() {
        return session.usesRings();
    }

    /** How many files programs have open. */
    public int openFileCount() {
        return session.served().files().count();
    }

    /** How much programs have written since it was mounted. */
    public long writtenBytes() {
        return session.served().files().writtenBytes();
    }

    /** Unmounts; EBUSY where it is in use. */
    public void unmount() throws IOException {
        unmount(directory);
    }

    /** Takes it out of the tree at once; {@link #awaitEnd} waits for its last user. */
    public void detach() throws IOException {
        detach(directory);
    }

    /** Ends it, whoever uses it: they are refused everything from now on. But by root it only ends with its last user. */
    public void abort() throws IOException {
        if (isRoot()) {
            HostMount.abort(directory);
            if (MountTable.at(directory).filter(MountTable.Mounted::isStale).isPresent()) {
                detach();
            }
        } else {
            detach();
        }
    }

    /** Unmounts what is mounted at a directory; EBUSY where it is in use. */
    public static void unmount(byte[] directory) throws IOException {
        if (isRoot()) {
            HostMount.unmount(directory);
        } else {
            Fusermount.unmount(directory, false);
        }
    }

    /** Takes what is mounted at a directory out of the tree. */
    public static void detach(byte[] directory) throws IOException {
        if (isRoot()) {
            HostMount.detach(directory);
        } else {
            Fusermount.unmount(directory, true);
        }
    }

    private void detachQuietly(Throwable failure) {
        try {
            detach();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
