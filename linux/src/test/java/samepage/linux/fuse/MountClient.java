package samepage.linux.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.PosixTree;
import samepage.volume.FileType;
import samepage.volume.Timestamp;

/** A thread for which a mount is the root of the file system, and which may act as anybody. */
final class MountClient implements AutoCloseable {
    private static final int UNSHARE_ROOT_AND_UMASK = 0x200;
    private static final int MOUNT_NAMESPACE = 0x20000;

    private final long hostRoot;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    /** What actions use: loaded before the thread is where no class can be found. */
    private static final List<Class<?>> LOADED = List.of(
            FileType.REGULAR.getDeclaringClass(),
            Errno.EPERM.getDeclaringClass(),
            new Timestamp(0, 0).getClass(),
            PosixTree.Stat.class,
            new VfsException(Errno.EPERM).with("path", new byte[1]).getClass());

    /** Something to do with system calls. */
    interface Action<T> {
        T run(Arena arena) throws IOException;
    }

    /** @param process whose mounts are seen */
    MountClient(String root, ProcessHandle process) throws IOException {
        assertThat(LOADED).isNotEmpty();
        hostRoot = run(0, 0, new int[0], 0, arena -> {
            RawSyscall.call(RawSyscall.UNSHARE, UNSHARE_ROOT_AND_UMASK);
            seeMountsOf(process, arena);
            long before =
                    RawSyscall.call(RawSyscall.OPENAT, RawSyscall.WORKING_DIRECTORY, RawSyscall.string(arena, "/"), 0);
            RawSyscall.call(RawSyscall.CHROOT, RawSyscall.string(arena, root));
            RawSyscall.call(RawSyscall.CHDIR, RawSyscall.string(arena, "/"));
            return before;
        });
    }

    private static void seeMountsOf(ProcessHandle process, Arena arena) throws IOException {
        long namespace = RawSyscall.call(
                RawSyscall.OPENAT,
                RawSyscall.WORKING_DIRECTORY,
                RawSyscall.string(arena, "/proc/" + process.pid() + "/ns/mnt"),
                0);
        RawSyscall.call(RawSyscall.SETNS, namespace, MOUNT_NAMESPACE);
        RawSyscall.call(RawSyscall.CLOSE, namespace);
    }

    /** Acts as that user. */
    <T> T run(int uid, int gid, int[] groups, int umask, Action<T> action) throws IOException {
        try {
            return thread.submit(() -> runAs(uid, gid, groups, umask, action)).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException refused) {
                throw refused;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T runAs(int uid, int gid, int[] groups, int umask, Action<T> action) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            RawSyscall.call(RawSyscall.UMASK, umask);
            if (uid == 0) {
                return action.run(arena);
            }
            var list = arena.allocateFrom(ValueLayout.JAVA_INT, groups);
            RawSyscall.call(RawSyscall.SETGROUPS, groups.length, list.address());
            RawSyscall.call(RawSyscall.SETRESGID, -1, gid, -1);
            RawSyscall.call(RawSyscall.SETRESUID, -1, uid, -1);
            try {
                return action.run(arena);
            } finally {
                RawSyscall.call(RawSyscall.SETRESUID, -1, 0, -1);
                RawSyscall.call(RawSyscall.SETRESGID, -1, 0, -1);
                RawSyscall.call(RawSyscall.SETGROUPS, 0, 0);
            }
        }
    }

    /** Leaves the mount: the thread itself may take a moment longer to end. */
    @Override
    public void close() throws IOException {
        run(0, 0, new int[0], 0, arena -> {
            RawSyscall.call(RawSyscall.FCHDIR, hostRoot);
            RawSyscall.call(RawSyscall.CHROOT, RawSyscall.string(arena, "."));
            return RawSyscall.call(RawSyscall.CLOSE, hostRoot);
        });
        thread.close();
    }
}
