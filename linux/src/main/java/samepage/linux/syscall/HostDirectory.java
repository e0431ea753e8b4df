package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * An open directory of the host, and all that is done to its entries, by name. Symbolic links are never followed: an entry that
 * is one is handled itself. Listing moves a position that all users of the object share; the rest may be used by several threads.
 */
public final class HostDirectory extends HostDescriptor {
    private static final int WORKING_DIRECTORY = -100;
    private static final byte[] WORKING_DIRECTORY_NAME = {'.'};
    private static final String DESCRIPTORS = "/proc/self/fd/";
    private static final int OPEN_DIRECTORY =
            OpenFlags.READ_ONLY | OpenFlags.DIRECTORY | OpenFlags.NO_ACCESS_TIME | OpenFlags.CLOSE_ON_EXEC;
    private static final int OPEN_TO_READ = OpenFlags.READ_ONLY | OpenFlags.NO_ACCESS_TIME | OpenFlags.NOT_BLOCKING;
    private static final int OPEN_TO_WRITE = OpenFlags.READ_WRITE | OpenFlags.NOT_BLOCKING;
    private static final int OPEN_NEW = OpenFlags.READ_WRITE | OpenFlags.CREATE | OpenFlags.EXCLUSIVE;
    private static final int OPEN_ALWAYS =
            OpenFlags.NO_FOLLOW | OpenFlags.NO_CONTROLLING_TERMINAL | OpenFlags.CLOSE_ON_EXEC;

    private HostDirectory(int number, @Nullable HostDirectory parent, byte[] name) {
        super(number, parent, name);
    }

    /** Opens a directory by its path, absolute or from the working directory on; here symbolic links are followed. */
    public static HostDirectory open(byte[] path) throws VfsException {
        return new HostDirectory(openPath(path, OPEN_DIRECTORY, 0, "cannot open the directory"), null, path);
    }

    /** Opens the directory with this name. {@code ENOTDIR} for anything else, a symbolic link to a directory included. */
    public HostDirectory openDirectory(byte[] name) throws VfsException {
        var opened = openEntry(name, OPEN_DIRECTORY | OpenFlags.NO_FOLLOW, 0, "cannot open the directory");
        return new HostDirectory(opened, this, name);
    }

    /**
     * Opens the file with this name to be read, without changing its access time where that is allowed, and without ever waiting
     * (for the writer of a fifo, say). {@code ELOOP} for a symbolic link, {@code ENXIO} for a socket.
     */
    public HostFile openToRead(byte[] name) throws VfsException {
        return openFile(name, OPEN_TO_READ, 0);
    }

    /** Opens the existing file with this name to be read and written. */
    public HostFile openToWrite(byte[] name) throws VfsException {
        return openFile(name, OPEN_TO_WRITE, 0);
    }

    /** Creates a regular file, to be read and written. The umask applies. {@code EEXIST} where there is the name. */
    public HostFile createFile(byte[] name, int permissions) throws VfsException {
        return openFile(name, OPEN_NEW, permissions);
    }

    /** openat(2) with {@link OpenFlags}; a symbolic link is never followed, and no child process inherits the descriptor. */
    public HostFile openFile(byte[] name, int flags, int permissions) throws VfsException {
        var opened = openEntry(name, flags | OPEN_ALWAYS, permissions, "cannot open");
        return new HostFile(opened, this, name);
    }

    /**
     * Opens a file to be read by its path below this directory, as {@link #openToRead} does. No symbolic link on the way is
     * followed, and none leads out of the directory: {@code ELOOP}, {@code EXDEV}.
     */
    public HostFile openBelow(byte[] path) throws VfsException {
        var flags = OPEN_TO_READ | OPEN_ALWAYS;
        var opened = FileCalls.openBelow(number(), HostPath.checkPath(path), flags);
        if (opened == -Errno.EPERM.number()) {
            opened = FileCalls.openBelow(number(), path, flags & ~OpenFlags.NO_ACCESS_TIME);
        }
        check(opened, path, "cannot open");
        return new HostFile(opened, this, path);
    }

    /** Opens a directory by its path below this one, which may be empty for this one, as {@link #openBelow} does a file. */
    public HostDirectory openDirectoryBelow(byte[] path) throws VfsException {
        var from = path.length == 0 ? WORKING_DIRECTORY_NAME : HostPath.checkPath(path);
        var opened = FileCalls.openBelow(number(), from, OPEN_DIRECTORY);
        if (opened == -Errno.EPERM.number()) {
            opened = FileCalls.openBelow(number(), from, OPEN_DIRECTORY & ~OpenFlags.NO_ACCESS_TIME);
        }
        check(opened, path, "cannot open the directory");
        return new HostDirectory(opened, this, path);
    }

    /**
     * The directory that a handle stands for, on this one's mount, to be asked for its path and status only. {@code ESTALE}
     * where it is gone.
     */
    public HostDirectory openByHandle(byte[] handle) throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        MemorySegment.copy(handle, 0, bulk, ValueLayout.JAVA_BYTE, 0, handle.length);
        var flags = OpenFlags.PATH_ONLY | OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC;
        var opened = WatchCalls.openByHandle(number(), bulk, flags);
        return new HostDirectory(check(opened, "cannot open by handle"), null, handle);
    }

    /** Where the directory is now. Of one that this mount does not lead to, and of one that is gone, a path that means nothing. */
    public byte[] currentPath() throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var link = (DESCRIPTORS + number()).getBytes(StandardCharsets.US_ASCII);
        var result = TreeCalls.readLink(WORKING_DIRECTORY, link, bulk, bulk.byteSize());
        check(result, "cannot tell the path");
        return bulk.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Creates a file without a name in this directory; it is gone when it is closed. */
    public HostFile createUnnamed() throws VfsException {
        var opened = FileCalls.open(
                number(),
                WORKING_DIRECTORY_NAME,
                OpenFlags.READ_WRITE | OpenFlags.UNNAMED | OpenFlags.CLOSE_ON_EXEC,
                0600);
        return new HostFile(check(opened, "cannot create an unnamed file"), this, WORKING_DIRECTORY_NAME);
    }

    /** The number of the mount the directory is reached by, which tells mounts of the same file system apart. */
    public long mountId() throws VfsException {
        var record = CallScratch.ofThread().record;
        check(
                StatusCalls.status(number(), new byte[0], StatusCalls.AT_EMPTY_PATH, StatxFormat.MOUNT_ID, record),
                "cannot read the status");
        return StatxFormat.mountId(record);
    }

    /** Of a directory on Btrfs, the number of the subvolume it is in, which outlasts a mount; 0 elsewhere. */
    public long subvolume() {
        return SubvolumeFormat.subvolume(this);
    }

    /**
     * The next entries, in the host's order, {@code .} and {@code ..} left out: some hundreds at a time, none at the end. Entries
     * that come or go meanwhile may or may not be among them; all others are there once.
     */
    public List<HostEntry> nextEntries() throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var entries = new ArrayList<HostEntry>();
        while (entries.isEmpty()) {
            var listedBytes = check(TreeCalls.list(number(), bulk, bulk.byteSize()), "cannot list the directory");
            if (listedBytes == 0) {
                break;
            }
            DirectoryEntryFormat.read(bulk, listedBytes, entries);
        }
        return entries;
    }

    /** All entries from the current position on, as {@link #nextEntries} gives them. */
    public List<HostEntry> remainingEntries() throws VfsException {
        var entries = nextEntries();
        for (var more = entries; !more.isEmpty(); ) {
            more = nextEntries();
            entries.addAll(more);
        }
        return entries;
    }

    /** Where the next entries come from: a place to {@link #listFrom} in the same directory, opened anew or not. */
    public long listedTo() throws VfsException {
        return check(FileCalls.seek(number(), 0, FileCalls.SEEK_CUR), "cannot tell the place in the directory");
    }

    /** Goes on with the listing from a place where one has been before; 0 for the beginning. */
    public void listFrom(long place) throws VfsException {
        check(FileCalls.seek(number(), place, FileCalls.SEEK_SET), "cannot go to a place in the directory");
    }

    /** Begins the listing anew. */
    public void rewind() throws VfsException {
        listFrom(0);
    }

    public HostStat stat(byte[] name) throws VfsException {
        var record = CallScratch.ofThread().record;
        check(
                StatusCalls.status(
                        number(),
                        HostPath.checkName(name),
                        StatusCalls.AT_SYMLINK_NOFOLLOW,
                        StatxFormat.WANTED,
                        record),
                name,
                "cannot read the status");
        return StatxFormat.read(record);
    }

    /** The target of a symbolic link. {@code EINVAL} for anything else. */
    public byte[] readLink(byte[] name) throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var result = TreeCalls.readLink(number(), HostPath.checkName(name), bulk, bulk.byteSize());
        check(result, name, "cannot read the symbolic link");
        return bulk.asSlice(0, result).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Makes a directory. The umask applies. {@code EEXIST} where there is the name. */
    public void makeDirectory(byte[] name, int permissions) throws VfsException {
        check(
                TreeCalls.makeDirectory(number(), HostPath.checkName(name), permissions),
                name,
                "cannot make the directory");
    }

    /** Makes a symbolic link to a path, which is kept byte for byte and may lead nowhere. */
    public void makeSymbolicLink(byte[] name, byte[] target) throws VfsException {
        check(
                TreeCalls.makeLink(HostPath.checkPath(target), number(), HostPath.checkName(name)),
                name,
                "cannot make the symbolic link");
    }

    /**
     * Makes a fifo, a socket, a device file or an empty regular file. The umask applies. Devices take privilege ({@code EPERM}).
     *
     * @param major with {@code minor}, the device; 0 for what is none
     */
    public void makeNode(byte[] name, HostFileType type, int permissions, int major, int minor) throws VfsException {
        check(
                TreeCalls.makeNode(number(), HostPath.checkName(name), type.modeBits() | permissions, major, minor),
                name,
                "cannot make the special file");
    }

    /** Gives the file with this name another: a hard link. A symbolic link is linked itself. */
    public void link(byte[] name, HostDirectory newDirectory, byte[] newName) throws VfsException {
        var result =
                TreeCalls.link(number(), HostPath.checkName(name), newDirectory.number(), HostPath.checkName(newName));
        if (result < 0) {
            throw failure(name, result, "cannot link").with("to", HostPath.join(newDirectory.path(), newName));
        }
    }

    /** Renames, in one step. */
    public void rename(byte[] name, HostDirectory newDirectory, byte[] newName, RenameMode mode) throws VfsException {
        var result = TreeCalls.rename(
                number(), HostPath.checkName(name), newDirectory.number(), HostPath.checkName(newName), mode.flags());
        if (result < 0) {
            throw failure(name, result, "cannot rename").with("to", HostPath.join(newDirectory.path(), newName));
        }
    }

    /** Removes a name that is not a directory's. */
    public void unlink(byte[] name) throws VfsException {
        check(TreeCalls.unlink(number(), HostPath.checkName(name), 0), name, "cannot remove");
    }

    /** Removes an empty directory. */
    public void removeDirectory(byte[] name) throws VfsException {
        check(
                TreeCalls.unlink(number(), HostPath.checkName(name), TreeCalls.AT_REMOVEDIR),
                name,
                "cannot remove the directory");
    }

    /** As {@link HostDescriptor#setOwner(int, int)}. */
    public void setOwner(byte[] name, int userId, int groupId) throws VfsException {
        check(StatusCalls.setOwner(number(), HostPath.checkName(name), userId, groupId), name, "cannot set the owner");
    }

    /** As {@link HostDescriptor#setMode(int)}; {@code EOPNOTSUPP} for a symbolic link, which has no mode to set. */
    public void setMode(byte[] name, int permissions) throws VfsException {
        check(StatusCalls.setMode(number(), HostPath.checkName(name), permissions), name, "cannot set the mode");
    }

    /** As {@link HostDescriptor#setTimes(HostTime, HostTime)}. */
    public void setTimes(byte[] name, @Nullable HostTime accessed, @Nullable HostTime modified) throws VfsException {
        check(
                StatusCalls.setTimes(number(), HostPath.checkName(name), accessed, modified),
                name,
                "cannot set the times");
    }

    /** As {@link HostDescriptor#xattrNames()}. */
    public List<byte[]> xattrNames(byte[] name) throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var result = XattrCalls.list(number(), HostPath.checkName(name), bulk, bulk.byteSize());
        return XattrResults.names(result, bulk, this, name);
    }

    /** As {@link HostDescriptor#xattr(byte[])}. */
    public byte @Nullable [] xattr(byte[] name, byte[] attribute) throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var result = XattrCalls.get(
                number(), HostPath.checkName(name), XattrResults.checkName(attribute), bulk, bulk.byteSize());
        return XattrResults.value(result, bulk, this, name, attribute);
    }

    /** As {@link HostDescriptor#setXattr(byte[], byte[])}; of the namespace {@code user.}, only files and directories have any. */
    public void setXattr(byte[] name, byte[] attribute, byte[] value) throws VfsException {
        var segment = XattrResults.toSegment(value, attribute);
        var result = XattrCalls.set(
                number(), HostPath.checkName(name), XattrResults.checkName(attribute), segment, value.length);
        XattrResults.check(result, "cannot set an extended attribute", this, name, attribute);
    }

    /** As {@link HostDescriptor#removeXattr(byte[])}. */
    public void removeXattr(byte[] name, byte[] attribute) throws VfsException {
        var result = XattrCalls.remove(number(), HostPath.checkName(name), XattrResults.checkName(attribute));
        XattrResults.check(result, "cannot remove an extended attribute", this, name, attribute);
    }

    /**
     * The status of what a path leads to, absolute or from the working directory on. A symbolic link as its last name is followed
     * only where {@code followLast} says so.
     */
    public static HostStat statPath(byte[] path, boolean followLast) throws VfsException {
        var record = CallScratch.ofThread().record;
        var result = StatusCalls.status(
                WORKING_DIRECTORY,
                HostPath.checkPath(path),
                followLast ? 0 : StatusCalls.AT_SYMLINK_NOFOLLOW,
                StatxFormat.WANTED,
                record);
        checkPath(result, path, "cannot read the status");
        return StatxFormat.read(record);
    }

    /** Opens a path, absolute or from the working directory on; returns the descriptor's number. */
    static int openPath(byte[] path, int flags, int permissions, String text) throws VfsException {
        var opened = openLeavingAccessTime(WORKING_DIRECTORY, HostPath.checkPath(path), flags, permissions);
        return checkPath(opened, path, text);
    }

    private int openEntry(byte[] name, int flags, int permissions, String text) throws VfsException {
        var opened = openLeavingAccessTime(number(), HostPath.checkName(name), flags, permissions);
        check(opened, name, text);
        return opened;
    }

    /** Only the owner and root may ask to leave the access time alone. */
    private static int openLeavingAccessTime(int directory, byte[] name, int flags, int permissions) {
        var opened = FileCalls.open(directory, name, flags, permissions);
        if (opened == -Errno.EPERM.number() && (flags & OpenFlags.NO_ACCESS_TIME) != 0) {
            return FileCalls.open(directory, name, flags & ~OpenFlags.NO_ACCESS_TIME, permissions);
        }
        return opened;
    }

    private void check(long result, byte[] name, String text) throws VfsException {
        if (result < 0) {
            throw failure(name, result, text);
        }
    }

    private static int checkPath(int result, byte[] path, String text) throws VfsException {
        if (result < 0) {
            throw new VfsException(Errno.of(-result), text).with("path", path);
        }
        return result;
    }
}
