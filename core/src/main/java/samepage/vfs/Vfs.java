package samepage.vfs;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.io.FileIo;
import samepage.remap.Remap;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.vfs.EntryCreation.Blueprint;
import samepage.volume.DirectoryEntry;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Volume;

/**
 * A mounted volume: the POSIX tree as Linux has it. Names and paths are bytes; a name has 1 to 255 of them, no '/' and no
 * 0; a path at most 4095. Safe from any thread.
 *
 * <p>What an operation may fail with besides what its Javadoc names: EACCES and EPERM where the caller may not, ENOENT and
 * ENOTDIR where a name or directory is not there, EINVAL and ENAMETOOLONG for a name that cannot be one, ENOSPC, EROFS on a
 * volume open for reading only, ESTALE for an inode number that is not in use, EIO.
 *
 * <p>Permissions follow the mode and ownership. POSIX access control lists can be stored and read back, as extended
 * attributes, by the privileged; they are not heeded, so others are refused them with EOPNOTSUPP.
 */
public final class Vfs implements AutoCloseable {
    /** The longest name of an entry, in bytes. */
    public static final int MAX_NAME_BYTES = 255;
    /** The longest path, in bytes, with the 0 that ends it in C. */
    public static final int MAX_PATH_BYTES = 4096;
    /** Names that one file can have. */
    public static final int MAX_LINKS = 65_000;

    private final Volume volume;
    private final FileIo io;
    private final Tree tree;
    private final PathResolver paths;
    private final Attributes attributes;
    private final EntryCreation creation;
    private final EntryRemoval removal;
    private final Linking linking;
    private final Rename rename;
    private final ExtendedAttributes xattrs;
    private final Opening opening;
    private final Sharing sharing;

    private Vfs(Volume volume, FileIo io, AccessTimeRule accessTimes, boolean accessControlLists) {
        this.volume = volume;
        this.io = io;
        this.tree = new Tree(volume, io, accessTimes, accessControlLists);
        this.paths = new PathResolver(tree);
        this.attributes = new Attributes(tree);
        this.creation = new EntryCreation(tree);
        this.removal = new EntryRemoval(tree);
        this.linking = new Linking(tree);
        this.rename = new Rename(tree, creation);
        this.xattrs = new ExtendedAttributes(tree);
        this.opening = new Opening(tree, creation);
        this.sharing = new Sharing(tree, new Remap(volume));
    }

    /** Mounts an open volume, which from now on is closed with the mount, and frees what a crash has left to be freed. */
    public static Vfs mount(Volume volume, VfsOptions options) throws IOException {
        var io = new FileIo(volume, options.cacheBytes(), options.memory());
        try {
            if (!volume.isReadOnly()) {
                io.recoverOrphans();
            }
            return new Vfs(volume, io, AccessTimeRule.of(options, volume.isReadOnly()), options.accessControlLists());
        } catch (Throwable e) {
            try {
                io.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    public Volume volume() {
        return volume;
    }

    /** The content of files, for the rooms that share it. */
    @SuppressWarnings("exports") // for those whom the module shows that room
    public FileIo io() {
        return io;
    }

    // Names

    /** What {@code name} in a directory refers to; "." and ".." are known. */
    public InodeRecord lookup(Caller caller, long parent, byte[] name) throws IOException {
        return paths.lookup(caller, tree.attributes(parent), name);
    }

    /** What an ordinary name in a directory refers to, or null; needs no permission. */
    public @Nullable InodeRecord find(long parent, byte[] name) throws IOException {
        Names.check(name);
        return tree.child(parent, name);
    }

    /** What an absolute path refers to, symbolic links followed. */
    public InodeRecord resolve(Caller caller, byte[] path) throws IOException {
        return resolve(caller, Volume.ROOT, path, true);
    }

    /**
     * What a path refers to.
     *
     * @param start where a relative path begins
     * @param followLast whether a symbolic link at the path's end is followed; with a slash after it, it always is
     * @throws VfsException ELOOP after 40 symbolic links
     */
    public InodeRecord resolve(Caller caller, long start, byte[] path, boolean followLast) throws IOException {
        return paths.resolve(caller, start, path, followLast);
    }

    /** The directory in which an absolute path's last name is or could be, and that name. */
    public ParentAndName resolveParent(Caller caller, byte[] path) throws IOException {
        return resolveParent(caller, Volume.ROOT, path);
    }

    /** The same for a path that is relative to {@code start} where it does not begin with a slash. */
    public ParentAndName resolveParent(Caller caller, long start, byte[] path) throws IOException {
        return paths.resolveParent(caller, start, path);
    }

    // Attributes

    /** The attributes now; needs no permission. */
    public InodeRecord getAttributes(long ino) throws IOException {
        return tree.attributes(ino);
    }

    /** Sets attributes, all or none; gives them as they are then. EINVAL for a size of what is no regular file, EFBIG. */
    public InodeRecord setAttributes(Caller caller, long ino, SetAttributes wanted) throws IOException {
        return attributes.set(caller, ino, wanted);
    }

    /**
     * Sets {@link InodeRecord#FLAG_IMMUTABLE} and {@link InodeRecord#FLAG_APPEND_ONLY} as {@code flags} has them; {@link
     * InodeRecord#flags} reads them. For the privileged.
     */
    public InodeRecord setFlags(Caller caller, long ino, int flags) throws IOException {
        return attributes.setFlags(caller, ino, flags);
    }

    /** Refuses where the caller may not do all of {@code mask}: 4 read, 2 write, 1 execute or search. */
    public void access(Caller caller, long ino, int mask) throws IOException {
        InodeRecord inode = tree.attributes(ino);
        if ((mask & Permissions.WRITE) != 0 && volume.isReadOnly()) {
            throw new VfsException(Errno.EROFS).with("inode", ino);
        }
        Permissions.check(caller, inode, mask);
    }

    /**
     * Takes the set-user-id and set-group-id bits away, as a write does by one who may not keep them.
     *
     * @param isOfGroup whether that one is of the file's group: then set-group-id stays where the group may not execute
     * @return whether there were any
     */
    public boolean stripSetIds(long ino, boolean isOfGroup) throws IOException {
        return attributes.stripSetIds(ino, toStrip(isOfGroup));
    }

    /** Whether {@link #stripSetIds} would take any away from what has these attributes. */
    public boolean hasSetIdsToStrip(InodeRecord inode, boolean isOfGroup) {
        return toStrip(isOfGroup).applyTo(inode).mode() != inode.mode();
    }

    private static SetIdBits toStrip(boolean isOfGroup) {
        return isOfGroup ? SetIdBits.STRIP : SetIdBits.STRIP_BOTH;
    }

    /** True where reading what has these attributes moves the access time now. */
    public boolean isAccessTimeDue(InodeRecord inode) {
        return tree.accessTimes().isDue(inode, Timestamp.now());
    }

    /** Keeps an inode, of any type, whatever becomes of its names; ESTALE where there is none of that number. */
    public InodeHold hold(long ino) throws IOException {
        return new InodeHold(io.inodes(), io.inodes().get(ino));
    }

    // Files

    /** Creates an empty regular file; EEXIST where the name is taken. */
    public InodeRecord create(Caller caller, long parent, byte[] name, int mode) throws IOException {
        return made(creation.create(caller, parent, name, Blueprint.file(mode)));
    }

    /** Creates an empty regular file and opens it, whatever its mode lets the caller do later; EEXIST. */
    public OpenFile createAndOpen(Caller caller, long parent, byte[] name, int mode, Set<OpenFlag> flags)
            throws IOException {
        return opening.create(caller, parent, name, mode, flags);
    }

    /** Opens a regular file, or a directory for reading. ELOOP for a symbolic link, ENXIO for a device, pipe or socket. */
    public OpenFile open(Caller caller, long ino, Set<OpenFlag> flags) throws IOException {
        return opening.open(caller, ino, flags);
    }

    /** Makes and opens a regular file without a name, which is gone when it is closed, unless it was given one by a link. */
    public OpenFile openUnnamed(Caller caller, long directory, int mode, Set<OpenFlag> flags) throws IOException {
        return opening.createUnnamed(caller, directory, mode, flags);
    }

    /** The attributes of what has just been made; the maker's reference goes back. */
    private InodeRecord made(Inode inode) throws IOException {
        try {
            return Attributes.of(inode);
        } finally {
            io.inodes().release(inode);
        }
    }

    // Entries

    /** Makes an empty directory; EEXIST. */
    public InodeRecord mkdir(Caller caller, long parent, byte[] name, int mode) throws IOException {
        return made(creation.create(caller, parent, name, Blueprint.directory(mode)));
    }

    /** Makes a regular file, pipe, socket or device node, as {@code mode} says; EEXIST. Devices are for the privileged. */
    public InodeRecord makeNode(Caller caller, long parent, byte[] name, int mode, long deviceNumber)
            throws IOException {
        return made(creation.create(caller, parent, name, Blueprint.node(caller, mode, deviceNumber)));
    }

    /** Makes a symbolic link of 1 to 4095 bytes; EEXIST. */
    public InodeRecord symlink(Caller caller, long parent, byte[] name, byte[] target) throws IOException {
        return made(creation.create(caller, parent, name, Blueprint.link(target)));
    }

    /** A symbolic link's target; EINVAL where it is none. */
    public byte[] readlink(long ino) throws IOException {
        InodeRecord link = tree.attributes(ino);
        byte[] target = paths.readlink(link);
        tree.accessed(link);
        return target;
    }

    /** Gives a file one more name; EEXIST, EPERM for a directory, EMLINK, ENOENT where its last name has gone. */
    public InodeRecord link(Caller caller, long ino, long newParent, byte[] newName) throws IOException {
        return linking.link(caller, ino, newParent, newName);
    }

    /** Gives an open file a name, its first where it was opened unnamed. */
    public InodeRecord link(Caller caller, OpenFile file, long newParent, byte[] newName) throws IOException {
        return link(caller, file.ino(), newParent, newName);
    }

    /** Takes a name away; EISDIR for a directory. */
    public void unlink(Caller caller, long parent, byte[] name) throws IOException {
        removal.unlink(caller, parent, name);
    }

    /** Takes an empty directory away; ENOTDIR, ENOTEMPTY. */
    public void rmdir(Caller caller, long parent, byte[] name) throws IOException {
        removal.rmdir(caller, parent, name);
    }

    /**
     * Renames, at one moment. Nothing happens where both names refer to the same file already.
     *
     * @throws VfsException EINVAL for a directory into itself or below, ENOTEMPTY, EISDIR, ENOTDIR, EEXIST
     */
    public void rename(Caller caller, long parent, byte[] name, long newParent, byte[] newName, RenameMode mode)
            throws IOException {
        rename.rename(caller, parent, name, newParent, newName, mode);
    }

    /**
     * The entries after a cookie, in the order of cookies, "." and ".." not among them: {@code atLeast} or all there are.
     *
     * @param afterCookie 0 for the beginning
     */
    public List<DirectoryEntry> readDirectory(Caller caller, long ino, long afterCookie, int atLeast)
            throws IOException {
        InodeRecord directory = tree.attributes(ino);
        if (!directory.isDirectory()) {
            throw new VfsException(Errno.ENOTDIR).with("inode", ino);
        }
        Permissions.check(caller, directory, Permissions.READ);
        List<DirectoryEntry> entries = volume.metadata().entries(ino, afterCookie, atLeast);
        tree.accessed(directory);
        return entries;
    }

    // Extended attributes

    /** An extended attribute's value; ENODATA where there is none the caller may see. */
    public byte[] getXattr(Caller caller, long ino, byte[] name) throws IOException {
        return xattrs.get(caller, ino, name);
    }

    /**
     * Sets an extended attribute.
     *
     * @throws VfsException EEXIST, ENODATA by the mode; ERANGE for a name of more than 255 bytes; E2BIG for a value of more
     *     than 64 KiB; EOPNOTSUPP for a namespace that is not kept; ENOSPC where the names would take more than 64 KiB
     */
    public void setXattr(Caller caller, long ino, byte[] name, byte[] value, XattrMode mode) throws IOException {
        xattrs.set(caller, ino, name, value, mode);
    }

    /** The names of the extended attributes that the caller may see. */
    public List<byte[]> listXattrs(Caller caller, long ino) throws IOException {
        return xattrs.list(caller, ino);
    }

    /**
     * Makes the target range share the source's storage where both have the same bytes; see {@link samepage.remap}.
     *
     * @throws VfsException EACCES where the caller may not read the source; EPERM where it neither owns the target nor may
     *     write it; and what the request itself is refused with
     */
    public RemapOutcome dedupe(
            Caller caller,
            long source,
            long sourceOffset,
            long target,
            long targetOffset,
            long lengthBytes,
            RemapOptions options)
            throws IOException {
        return sharing.dedupe(caller, source, sourceOffset, target, targetOffset, lengthBytes, options);
    }

    /**
     * Makes the target range a clone of the source's; see {@link samepage.remap}.
     *
     * @param lengthBytes 0 for up to the source's end
     * @return the bytes cloned
     * @throws VfsException EACCES where the caller may not read the source or write the target; and what the request itself is
     *     refused with
     */
    public long cloneRange(
            Caller caller, long source, long sourceOffset, long target, long targetOffset, long lengthBytes)
            throws IOException {
        return sharing.cloneRange(caller, source, sourceOffset, target, targetOffset, lengthBytes);
    }

    /** Removes an extended attribute; ENODATA where there is none. */
    public void removeXattr(Caller caller, long ino, byte[] name) throws IOException {
        xattrs.remove(caller, ino, name);
    }

    // The whole

    public StatFs statFs() throws IOException {
        return new StatFs(volume.blockSize(), volume.totalBlocks(), volume.availableBlocks(), volume.usage());
    }

    /** Makes an inode durable, of whatever type, open or not. */
    public void fsync(long ino) throws IOException {
        try (InodeHold held = hold(ino)) {
            io.fsync(held.inode(), false);
        }
    }

    /** From now on nothing is written: what has not been committed is lost, as if the power had gone. */
    public void shutDown() {
        volume.stop("it has been shut down");
    }

    /** Makes everything durable. */
    public void sync() throws IOException {
        io.sync();
    }

    /** Writes everything back, makes it durable, and closes the volume too. No file may be in use. */
    @Override
    public void close() throws IOException {
        try (volume) {
            io.close();
        }
    }
}
