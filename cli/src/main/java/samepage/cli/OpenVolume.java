package samepage.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.fuse.DyingDaemon;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.HugePages;
import samepage.linux.syscall.LinuxHostSpace;
import samepage.rocksdb.RocksDbMetadataStore;
import samepage.vfs.Caller;
import samepage.vfs.SetAttributes;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions;
import samepage.volume.InodeRecord;
import samepage.volume.MetadataStore;
import samepage.volume.Volume;
import samepage.volume.VolumeOptions;

/** A volume that a command works on. Closing it makes everything durable. */
final class OpenVolume implements AutoCloseable {
    /**
     * Whoever may open a volume's files may do everything inside of it: permissions are for those who come through a mount. What is
     * created is created exactly as asked for.
     */
    static final Caller PRIVILEGED =
            new Caller(HostProcess.effectiveUserId(), HostProcess.effectiveGroupId(), Set.of(), 0, true);

    private static final VfsOptions VFS_OPTIONS =
            VfsOptions.DEFAULT.withAccessTimes(VfsOptions.AccessTimes.NEVER).withMemory(HugePages::of);

    private static final int NEW_DIRECTORY_PERMISSIONS = 0755;

    private final byte[] location;
    private final Path hostPath;
    private final Vfs vfs;

    /** The mount that this volume is open for; null where it is open for this command alone. */
    private final @Nullable LiveVolume live;

    private OpenVolume(byte[] location, Path hostPath, Vfs vfs) {
        this(location, hostPath, vfs, null);
    }

    private OpenVolume(byte[] location, Path hostPath, Vfs vfs, @Nullable LiveVolume live) {
        this.location = location;
        this.hostPath = hostPath;
        this.vfs = vfs;
        this.live = live;
    }

    /** Opens a volume; others may read it meanwhile, none change it. */
    static OpenVolume toRead(byte[] location) throws IOException {
        var live = LiveVolume.current();
        if (live != null) {
            return ofMounted(live);
        }
        return open(location, options().withReadOnly(true));
    }

    /** Opens a volume; no other process has it open meanwhile. */
    static OpenVolume toChange(byte[] location) throws IOException {
        var live = LiveVolume.current();
        if (live != null) {
            live.takeInStores();
            return ofMounted(live);
        }
        return open(location, options());
    }

    /** A volume that stays open when this is closed. */
    private static OpenVolume ofMounted(LiveVolume live) {
        var volume = live.volume();
        return new OpenVolume(volume.location, volume.hostPath, volume.vfs, live);
    }

    /** Opens a volume, a new one where none is there. */
    static OpenVolume toChangeOrCreate(byte[] location) throws IOException {
        return VolumeLocation.isVolume(location) ? toChange(location) : create(location);
    }

    /** Opens a volume to be mounted, with access times that move. */
    static OpenVolume toMount(byte[] location, MountOptions mount) throws IOException {
        if (mount.isToBeCreated() && !VolumeLocation.isVolume(location)) {
            create(location).close();
        }
        return open(location, options().withReadOnly(mount.isReadOnly()).withDirectReads(true), mount.ofVolume());
    }

    private static OpenVolume create(byte[] location) throws IOException {
        var printable = PrintableName.of(location);
        try {
            VolumeLocation.prepare(location);
            var path = VolumeLocation.path(location);
            var created = new OpenVolume(location, path, Vfs.mount(Volume.create(path, options()), VFS_OPTIONS));
            var owner = SetAttributes.NONE.withOwner(PRIVILEGED.uid(), PRIVILEGED.gid());
            created.vfs.setAttributes(PRIVILEGED, Volume.ROOT, owner);
            return created;
        } catch (VfsException e) {
            switch (e.errno()) {
                case ENOTEMPTY -> throw new Refusal(printable, "is no volume, but a directory with something in it");
                case ENOTDIR -> throw new Refusal(printable, "is no volume, but a file");
                case ENOENT ->
                    throw new Refusal(printable, "cannot be created, for there is no directory to put it in");
                default -> throw e;
            }
        }
    }

    /** Opens a volume for a command. One that is mounted is not: the command is handed over, or refused. */
    private static OpenVolume open(byte[] location, VolumeOptions options) throws IOException {
        try {
            return open(location, options, VFS_OPTIONS);
        } catch (VfsException e) {
            if (e.errno() == Errno.EBUSY) {
                DyingDaemon.cutOffAll();
                var connection = ControlSocket.connect(VolumeLocation.path(location));
                if (connection != null) {
                    throw new HandedOver(VolumeLocation.path(location), connection);
                }
            }
            throw e;
        }
    }

    private static OpenVolume open(byte[] location, VolumeOptions options, VfsOptions vfsOptions) throws IOException {
        if (!VolumeLocation.exists(location)) {
            throw new Refusal(
                    PrintableName.of(location), "no such volume", "'samepage import SOURCE VOLUME' creates one");
        }
        try {
            var path = VolumeLocation.path(location);
            return new OpenVolume(location, path, Vfs.mount(Volume.open(path, options), vfsOptions));
        } catch (VfsException e) {
            if (e.errno() == Errno.EINVAL) {
                throw new Refusal(PrintableName.of(location), "is not a Samepage volume");
            }
            throw e;
        }
    }

    private static VolumeOptions options() {
        return VolumeOptions.of(OpenVolume::openStore, LinuxHostSpace::of);
    }

    /** Opens or creates a store in a directory. */
    static MetadataStore openStore(Path directory, boolean readOnly) throws IOException {
        return RocksDbMetadataStore.open(
                directory, readOnly ? RocksDbMetadataStore.Options.reading() : RocksDbMetadataStore.Options.creating());
    }

    Vfs vfs() {
        return vfs;
    }

    Volume volume() {
        return vfs.volume();
    }

    /** Its directory on the host. */
    Path hostPath() {
        return hostPath;
    }

    /** Which directory of the host it is. */
    HostFileId hostId() throws VfsException {
        return HostDirectory.statPath(location, true).id();
    }

    /** What an absolute path refers to; a symbolic link at its end stands for itself. */
    InodeRecord find(byte[] path) throws IOException {
        return find(path, false);
    }

    /** What an absolute path refers to, a symbolic link at its end followed where {@code followLast} says so. */
    InodeRecord find(byte[] path, boolean followLast) throws IOException {
        try {
            return vfs.resolve(PRIVILEGED, Volume.ROOT, path, followLast);
        } catch (VfsException e) {
            throw refusal(path, e);
        }
    }

    /** The attributes of an entry; null where there is none of that name. */
    @Nullable InodeRecord findEntry(long directory, byte[] name) throws IOException {
        var entry = volume().metadata().entry(directory, name);
        return entry == null ? null : vfs.getAttributes(entry.ino());
    }

    /** The directory at a path; what is missing on the way is made. */
    long findOrMakeDirectories(byte[] path) throws IOException {
        var directory = Volume.ROOT;
        for (var name : InsidePath.names(path)) {
            directory = findOrMakeDirectory(directory, name, path).ino();
        }
        return directory;
    }

    /** The directory of that name, made where it is missing; a symbolic link to one is followed. {@code path} is for the refusal. */
    private InodeRecord findOrMakeDirectory(long parent, byte[] name, byte[] path) throws IOException {
        var found = findEntry(parent, name);
        if (found == null) {
            return vfs.mkdir(PRIVILEGED, parent, name, NEW_DIRECTORY_PERMISSIONS);
        }
        try {
            var directory = vfs.resolve(PRIVILEGED, parent, name, true);
            if (!directory.isDirectory()) {
                throw new VfsException(Errno.ENOTDIR);
            }
            return directory;
        } catch (VfsException e) {
            throw refusal(path, e);
        }
    }

    /** What the volume stores now, in bytes. */
    long storedBytes() {
        return volume().usage().storedBlocks() * volume().blockSize();
    }

    /** A failure as a refusal that names the path inside the volume. */
    Refusal refusal(byte[] path, VfsException failure) {
        return new Refusal(PrintableName.of(location) + ":" + PrintableName.of(path), FailureText.why(failure));
    }

    /** A name has come to be that programs may have looked for in vain. */
    void entryAdded(long directory, byte[] name) throws IOException {
        if (live != null) {
            live.mount().entryChanged(directory, name);
        }
    }

    @Override
    public void close() throws IOException {
        if (live == null) {
            vfs.close();
        }
    }
}
