package samepage.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * An open file of the host, of any type. Several threads may use it; who closes it sees to it that no other thread still does, for
 * Linux gives the number of a closed descriptor to the next that is opened. After closing, every call is refused ({@code EBADF}).
 */
public abstract sealed class HostDescriptor implements AutoCloseable permits HostDirectory, HostFile {
    private static final int CLOSED = -1;
    private static final byte[] NO_NAME = {};

    private final @Nullable HostDirectory parent;
    private final byte[] name;
    private volatile int number;

    /** {@code name} is an entry of {@code parent}, or a path where that is null. */
    HostDescriptor(int number, @Nullable HostDirectory parent, byte[] name) {
        this.number = number;
        this.parent = parent;
        this.name = name;
    }

    /** The descriptor's number; -1 once closed. */
    public final int number() {
        return number;
    }

    /** The path it was opened by, for messages: the file may have moved since. */
    public final byte[] path() {
        return parent == null ? name : HostPath.join(parent.path(), name);
    }

    public final HostStat stat() throws VfsException {
        var record = CallScratch.ofThread().record;
        check(
                StatusCalls.status(number, NO_NAME, StatusCalls.AT_EMPTY_PATH, StatxFormat.WANTED, record),
                "cannot read the status");
        return StatxFormat.read(record);
    }

    /** What the file system it is on says of itself. */
    public final HostFileSystem fileSystem() throws VfsException {
        var record = CallScratch.ofThread().record;
        check(StatusCalls.fileSystem(number, record), "cannot read the file system's status");
        return HostFileSystem.read(record);
    }

    /** Sets owner and group, unsigned; -1 leaves one as it is. Linux may clear set-id bits and capabilities: set those after. */
    public final void setOwner(int userId, int groupId) throws VfsException {
        check(StatusCalls.setOwner(number, userId, groupId), "cannot set the owner");
    }

    /** Sets the permission, set-id and sticky bits. */
    public final void setMode(int permissions) throws VfsException {
        check(StatusCalls.setMode(number, permissions), "cannot set the mode");
    }

    /** Sets the times of last access and modification; null leaves one as it is. */
    public final void setTimes(@Nullable HostTime accessed, @Nullable HostTime modified) throws VfsException {
        check(StatusCalls.setTimes(number, accessed, modified), "cannot set the times");
    }

    /** The names of the extended attributes that this process may see; none where the file system keeps none. */
    public final List<byte[]> xattrNames() throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        return XattrResults.names(XattrCalls.list(number, bulk, bulk.byteSize()), bulk, this, null);
    }

    /** The value of an extended attribute, {@code user.} or the like included in its name; null where there is none. */
    public final byte @Nullable [] xattr(byte[] attribute) throws VfsException {
        var bulk = CallScratch.ofThread().bulk();
        var result = XattrCalls.get(number, XattrResults.checkName(attribute), bulk, bulk.byteSize());
        return XattrResults.value(result, bulk, this, null, attribute);
    }

    /** Sets an extended attribute, new or existing. */
    public final void setXattr(byte[] attribute, byte[] value) throws VfsException {
        var segment = XattrResults.toSegment(value, attribute);
        var result = XattrCalls.set(number, XattrResults.checkName(attribute), segment, value.length);
        XattrResults.check(result, "cannot set an extended attribute", this, null, attribute);
    }

    /** Removes an extended attribute; where there is none, {@code ENODATA}. */
    public final void removeXattr(byte[] attribute) throws VfsException {
        var result = XattrCalls.remove(number, XattrResults.checkName(attribute));
        XattrResults.check(result, "cannot remove an extended attribute", this, null, attribute);
    }

    /** Makes content and status durable; of a directory, its entries. */
    public final void sync() throws VfsException {
        check(SpaceCalls.sync(number), "cannot sync");
    }

    /** Makes the whole file system it is on durable. */
    public final void syncFileSystem() throws VfsException {
        check(SpaceCalls.syncFileSystem(number), "cannot sync the file system");
    }

    /** ioctl(2) with a pointer; returns what it returns, 0 or more. */
    public final int control(long request, MemorySegment argument) throws VfsException {
        return check(FileCalls.control(number, request, argument), "ioctl failed");
    }

    /** Locks against others that lock the file by another open, in this process or any; false where one of them has it. */
    public final boolean tryLockExclusive() throws VfsException {
        return tryLock(FileCalls.LOCK_EXCLUSIVE);
    }

    /** Locks against those that lock the file exclusively by another open; false where one of them has it. */
    public final boolean tryLockShared() throws VfsException {
        return tryLock(FileCalls.LOCK_SHARED);
    }

    /** Gives the lock back; closing does so, too. */
    public final void unlock() throws VfsException {
        check(FileCalls.lock(number, FileCalls.LOCK_RELEASE), "cannot unlock");
    }

    /** Closes; a second time does nothing. A late error of writing back (on NFS, say) is told by {@link #sync} only. */
    @Override
    public final void close() {
        var closing = takeNumber();
        if (closing != CLOSED) {
            FileCalls.close(closing);
        }
    }

    /** The result where it is no failure. */
    final int check(int result, String text) throws VfsException {
        if (result < 0) {
            throw failure(result, text);
        }
        return result;
    }

    /** The result where it is no failure. */
    final long check(long result, String text) throws VfsException {
        if (result < 0) {
            throw failure(result, text);
        }
        return result;
    }

    /** The exception for a negated error number. */
    final VfsException failure(long result, String text) {
        return failure(null, result, text);
    }

    /** The exception for a negated error number that is about an entry of this directory, or about this file itself. */
    final VfsException failure(byte @Nullable [] entry, long result, String text) {
        return new VfsException(Errno.of((int) -result), text)
                .with("path", entry == null ? path() : HostPath.join(path(), entry));
    }

    private boolean tryLock(int operation) throws VfsException {
        var result = FileCalls.lock(number, operation | FileCalls.LOCK_NOT_BLOCKING);
        if (result == -Errno.EAGAIN.number()) {
            return false;
        }
        check(result, "cannot lock");
        return true;
    }

    private synchronized int takeNumber() {
        var taken = number;
        number = CLOSED;
        return taken;
    }
}
