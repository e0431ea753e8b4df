package samepage.linux.syscall;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * Is told by the kernel what others change on a whole file system: files written and closed, names that come and go. Of stores
 * through a memory map it is told when the file is closed; of what this process does itself never. It does not hold the file
 * system. Takes the privileges CAP_SYS_ADMIN and, to find out what directory is meant, CAP_DAC_READ_SEARCH.
 */
public final class HostWatch implements AutoCloseable {
    private static final int FAN_CLOEXEC = 0x1;
    private static final int FAN_NONBLOCK = 0x2;
    private static final int FAN_REPORT_DIR_FID_AND_NAME = 0xc00;
    private static final int FAN_MARK_ADD_FILESYSTEM = 0x101;

    private static final long WATCHED = WatchEventFormat.CLOSED_AFTER_WRITING
            | WatchEventFormat.CREATED
            | WatchEventFormat.DELETED
            | WatchEventFormat.MOVED_HERE
            | WatchEventFormat.MOVED_AWAY
            | WatchEventFormat.ABOUT_DIRECTORIES;

    /** struct pollfd: fd s32, events s16, revents s16. */
    private static final int POLL_BYTES = 8;

    private static final short POLLIN = 1;

    private static final byte[] HERE = {'.'};
    private static final byte[] BTRFS = ascii("btrfs");
    private static final byte[] SOURCE = ascii("source");
    private static final byte[] SUBVOLUME = ascii("subvolid");
    private static final byte[] TOP_SUBVOLUME = ascii("5");

    private final HostFile events;
    private final HostFile end;
    private final long ownProcess = ProcessHandle.current().pid();

    private HostWatch(HostFile events, HostFile end) {
        this.events = events;
        this.end = end;
    }

    /**
     * Watches the file system that the directory is on.
     *
     * @throws VfsException EPERM where this process may not; ENODEV, EINVAL or others where the kernel does not tell of this one
     */
    public static HostWatch open(HostDirectory directory) throws VfsException {
        var end = descriptor(WatchCalls.counter(OpenFlags.CLOSE_ON_EXEC));
        try {
            var events = descriptor(WatchCalls.open(FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DIR_FID_AND_NAME));
            try {
                mark(events, directory);
                return new HostWatch(events, end);
            } catch (VfsException e) {
                events.close();
                throw e;
            }
        } catch (VfsException e) {
            end.close();
            throw e;
        }
    }

    private static HostFile descriptor(int opened) throws VfsException {
        if (opened < 0) {
            throw new VfsException(Errno.of(-opened), "cannot be told of changes");
        }
        return HostFile.ofDescriptor(opened, ascii("fanotify"));
    }

    private static void mark(HostFile events, HostDirectory directory) throws VfsException {
        int result = WatchCalls.mark(events.number(), FAN_MARK_ADD_FILESYSTEM, WATCHED, directory.number());
        if (result == -Errno.EXDEV.number()) {
            // From within a subvolume of Btrfs: a mark is to be put at the top of the file system.
            result = markTop(events, directory);
        }
        directory.check(result, "cannot be told of changes");
    }

    /** Marks the top subvolume of a Btrfs, reached by a mount of its own that appears nowhere, and is gone again at once. */
    private static int markTop(HostFile events, HostDirectory directory) {
        byte[] device = DeviceFormat.anyDevice(directory);
        if (device == null) {
            return -Errno.EXDEV.number();
        }
        int mount = MountCalls.begin(BTRFS);
        if (mount < 0) {
            return mount;
        }
        try {
            int result = MountCalls.set(mount, SOURCE, device);
            result = result < 0 ? result : MountCalls.set(mount, SUBVOLUME, TOP_SUBVOLUME);
            result = result < 0 ? result : MountCalls.create(mount);
            int detached = result < 0 ? result : MountCalls.detached(mount);
            return detached < 0 ? detached : markTop(events, detached);
        } finally {
            FileCalls.close(mount);
        }
    }

    /** What a mount is first known by is good for being opened only. */
    private static int markTop(HostFile events, int detached) {
        int top = FileCalls.open(detached, HERE, OpenFlags.DIRECTORY | OpenFlags.CLOSE_ON_EXEC, 0);
        try {
            return top < 0 ? top : WatchCalls.mark(events.number(), FAN_MARK_ADD_FILESYSTEM, WATCHED, top);
        } finally {
            FileCalls.close(top);
            FileCalls.close(detached);
        }
    }

    /** Waits until there are changes to {@link #take}; false once {@link #end} has been called. */
    public boolean await() throws VfsException {
        try (var arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(2 * POLL_BYTES, Long.BYTES);
            setPoll(both, 0, events);
            setPoll(both, POLL_BYTES, end);
            events.check(WatchCalls.poll(both, 2), "cannot wait for changes");
            return both.get(ValueLayout.JAVA_SHORT, POLL_BYTES + Integer.BYTES + Short.BYTES) == 0;
        }
    }

    private static void setPoll(MemorySegment target, int position, HostFile file) {
        target.set(ValueLayout.JAVA_INT, position, file.number());
        target.set(ValueLayout.JAVA_SHORT, position + Integer.BYTES, POLLIN);
    }

    /**
     * Takes the changes that there are; the same change twice is told once as long as nobody has taken it.
     *
     * @return false where some were lost, for there were too many
     */
    public boolean take(Consumer<HostChange> changes) throws VfsException {
        boolean isWhole = true;
        var buffer = CallScratch.ofThread().bulk();
        for (; ; ) {
            long count = FileCalls.read(events.number(), buffer, buffer.byteSize());
            if (count == -Errno.EAGAIN.number()) {
                return isWhole;
            }
            events.check(count, "cannot read the changes");
            isWhole &= WatchEventFormat.read(buffer, count, ownProcess, changes);
        }
    }

    /** Lets who waits go on. */
    public void end() throws VfsException {
        try (var arena = Arena.ofConfined()) {
            end.writeNext(arena.allocateFrom(ValueLayout.JAVA_LONG, 1));
        }
    }

    @Override
    public void close() {
        events.close();
        end.close();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
