package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.OpenFlag;
import samepage.vfs.PosixTree;
import samepage.vfs.RenameMode;
import samepage.vfs.XattrMode;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;

/** A mounted file system as the suite's tree: every operation is its system call, made by a process that is not the daemon. */
final class HostPosixTree implements PosixTree {
    private static final int CWD = RawSyscall.WORKING_DIRECTORY;
    private static final int NO_FOLLOW = 0x100;
    private static final int REMOVE_DIRECTORY = 0x200;
    private static final int EFFECTIVE_ACCESS = 0x200;
    private static final int EMPTY_PATH = 0x1000;
    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_DIRECTORY = 0200000;
    private static final int O_TMPFILE = 020000000 | O_DIRECTORY;
    private static final long SET_FLAGS = 0x40086602L;
    private static final int STATX_BYTES = 256;
    private static final int STATX_BASIC = 0x7ff;
    private static final long NOW = (1L << 30) - 1;

    private final MountedForTest mount;
    private final int uid;
    private final int gid;
    private final int[] groups;
    private final int umask;

    HostPosixTree(MountedForTest mount, int uid, int gid, int[] groups, int umask) {
        this.mount = mount;
        this.uid = uid;
        this.gid = gid;
        this.groups = groups;
        this.umask = umask;
    }

    @Override
    public PosixTree as(int newUid, int newGid, int... newGroups) {
        return new HostPosixTree(mount, newUid, newGid, newGroups, umask);
    }

    @Override
    public PosixTree withUmask(int newUmask) {
        return new HostPosixTree(mount, uid, gid, groups, newUmask);
    }

    private <T> T run(MountClient.Action<T> action) throws IOException {
        return mount.client().run(uid, gid, groups, umask, action);
    }

    /** Calls with a path for the argument at {@code position}. */
    private long onPath(String path, int position, int number, long... arguments) throws IOException {
        return run(arena -> {
            arguments[position] = RawSyscall.string(arena, path);
            return RawSyscall.call(number, arguments);
        });
    }

    @Override
    public Stat stat(String path) throws IOException {
        return statx(CWD, path, 0);
    }

    @Override
    public Stat lstat(String path) throws IOException {
        return statx(CWD, path, NO_FOLLOW);
    }

    private Stat statx(int directory, String path, int flags) throws IOException {
        return run(arena -> {
            MemorySegment statx = arena.allocate(STATX_BYTES, Long.BYTES);
            RawSyscall.call(
                    RawSyscall.STATX, directory, RawSyscall.string(arena, path), flags, STATX_BASIC, statx.address());
            int mode = statx.get(ValueLayout.JAVA_SHORT, 28) & 0xffff;
            return new Stat(
                    statx.get(ValueLayout.JAVA_LONG, 32),
                    FileType.ofMode(mode),
                    mode & 07777,
                    statx.get(ValueLayout.JAVA_INT, 20),
                    statx.get(ValueLayout.JAVA_INT, 24),
                    statx.get(ValueLayout.JAVA_INT, 16),
                    (long) statx.get(ValueLayout.JAVA_INT, 128) << 8 | statx.get(ValueLayout.JAVA_INT, 132),
                    statx.get(ValueLayout.JAVA_LONG, 40),
                    statx.get(ValueLayout.JAVA_LONG, 48) * 512,
                    time(statx, 64),
                    time(statx, 112),
                    time(statx, 96));
        });
    }

    private static Timestamp time(MemorySegment statx, int offset) {
        return new Timestamp(statx.get(ValueLayout.JAVA_LONG, offset), statx.get(ValueLayout.JAVA_INT, offset + 8));
    }

    @Override
    public void access(String path, int mask) throws IOException {
        onPath(path, 1, RawSyscall.FACCESSAT2, CWD, 0, mask, EFFECTIVE_ACCESS);
    }

    @Override
    public void chmod(String path, int mode) throws IOException {
        onPath(path, 1, RawSyscall.FCHMODAT, CWD, 0, mode);
    }

    @Override
    public void lchown(String path, int newUid, int newGid) throws IOException {
        onPath(path, 1, RawSyscall.FCHOWNAT, CWD, 0, newUid, newGid, NO_FOLLOW);
    }

    @Override
    public void setTimes(String path, Timestamp access, Timestamp modify) throws IOException {
        setTimes(path, access.seconds(), access.nanos(), modify.seconds(), modify.nanos());
    }

    @Override
    public void touch(String path) throws IOException {
        setTimes(path, 0, NOW, 0, NOW);
    }

    private void setTimes(String path, long... secondsAndNanos) throws IOException {
        run(arena -> RawSyscall.call(
                RawSyscall.UTIMENSAT,
                CWD,
                RawSyscall.string(arena, path),
                arena.allocateFrom(ValueLayout.JAVA_LONG, secondsAndNanos).address(),
                0));
    }

    @Override
    public void truncate(String path, long sizeBytes) throws IOException {
        onPath(path, 0, RawSyscall.TRUNCATE, 0, sizeBytes);
    }

    @Override
    public void create(String path, int mode) throws IOException {
        createAndOpen(path, mode, OpenFlag.WRITE).close();
    }

    @Override
    public void mkdir(String path, int mode) throws IOException {
        onPath(path, 1, RawSyscall.MKDIRAT, CWD, 0, mode);
    }

    @Override
    public void makeNode(String path, int mode, long deviceNumber) throws IOException {
        onPath(path, 1, RawSyscall.MKNODAT, CWD, 0, mode, deviceNumber);
    }

    @Override
    public void symlink(String target, String path) throws IOException {
        run(arena -> RawSyscall.call(
                RawSyscall.SYMLINKAT, RawSyscall.string(arena, target), CWD, RawSyscall.string(arena, path)));
    }

    @Override
    public String readlink(String path) throws IOException {
        return run(arena -> {
            MemorySegment target = arena.allocate(8192);
            long length = RawSyscall.call(
                    RawSyscall.READLINKAT, CWD, RawSyscall.string(arena, path), target.address(), target.byteSize());
            return text(target.asSlice(0, length));
        });
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void link(String existing, String path) throws IOException {
        run(arena -> RawSyscall.call(
                RawSyscall.LINKAT, CWD, RawSyscall.string(arena, existing), CWD, RawSyscall.string(arena, path), 0));
    }

    @Override
    public void unlink(String path) throws IOException {
        onPath(path, 1, RawSyscall.UNLINKAT, CWD, 0, 0);
    }

    @Override
    public void rmdir(String path) throws IOException {
        onPath(path, 1, RawSyscall.UNLINKAT, CWD, 0, REMOVE_DIRECTORY);
    }

    @Override
    public void rename(String path, String newPath, RenameMode mode) throws IOException {
        int flags = switch (mode) {
            case REPLACE -> 0;
            case NO_REPLACE -> 1;
            case EXCHANGE -> 2;
            case REPLACE_LEAVING_WHITEOUT -> 4;
            case NO_REPLACE_LEAVING_WHITEOUT -> 5;
        };
        run(arena -> RawSyscall.call(
                RawSyscall.RENAMEAT2,
                CWD,
                RawSyscall.string(arena, path),
                CWD,
                RawSyscall.string(arena, newPath),
                flags));
    }

    @Override
    public List<String> list(String path) throws IOException {
        long descriptor = onPath(path, 1, RawSyscall.OPENAT, CWD, 0, O_DIRECTORY);
        try {
            return run(arena -> {
                var names = new ArrayList<String>();
                MemorySegment entries = arena.allocate(2048, Long.BYTES);
                long length;
                do {
                    length = RawSyscall.call(RawSyscall.GETDENTS64, descriptor, entries.address(), entries.byteSize());
                    for (long at = 0; at < length; at += entries.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16)) {
                        names.add(entries.getString(at + 19, StandardCharsets.ISO_8859_1));
                    }
                } while (length > 0);
                names.removeAll(List.of(".", ".."));
                names.sort(null);
                return names;
            });
        } finally {
            close(descriptor);
        }
    }

    private void close(long descriptor) throws IOException {
        run(_ -> RawSyscall.call(RawSyscall.CLOSE, descriptor));
    }

    @Override
    public byte[] getXattr(String path, String name) throws IOException {
        return run(arena -> {
            MemorySegment value = arena.allocate(65_536);
            long length = RawSyscall.call(
                    RawSyscall.LGETXATTR,
                    RawSyscall.string(arena, path),
                    RawSyscall.string(arena, name),
                    value.address(),
                    value.byteSize());
            return value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        });
    }

    @Override
    public void setXattr(String path, String name, byte[] value, XattrMode mode) throws IOException {
        int flags = switch (mode) {
            case SET -> 0;
            case CREATE -> 1;
            case REPLACE -> 2;
        };
        run(arena -> RawSyscall.call(
                RawSyscall.LSETXATTR,
                RawSyscall.string(arena, path),
                RawSyscall.string(arena, name),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, value).address(),
                value.length,
                flags));
    }

    @Override
    public List<String> listXattrs(String path) throws IOException {
        return run(arena -> {
            MemorySegment names = arena.allocate(65_536);
            long length = RawSyscall.call(
                    RawSyscall.LLISTXATTR, RawSyscall.string(arena, path), names.address(), names.byteSize());
            return length == 0
                    ? List.of()
                    : List.of(text(names.asSlice(0, length)).split("\0"));
        });
    }

    @Override
    public void removeXattr(String path, String name) throws IOException {
        run(arena -> RawSyscall.call(
                RawSyscall.LREMOVEXATTR, RawSyscall.string(arena, path), RawSyscall.string(arena, name)));
    }

    @Override
    public boolean heedsAccessControlLists() {
        return true;
    }

    @Override
    public void setFlags(String path, int flags) throws IOException {
        long wanted = ((flags & InodeRecord.FLAG_IMMUTABLE) != 0 ? 0x10 : 0)
                | ((flags & InodeRecord.FLAG_APPEND_ONLY) != 0 ? 0x20 : 0);
        long descriptor = onPath(path, 1, RawSyscall.OPENAT, CWD, 0, 0);
        try {
            run(arena -> RawSyscall.call(
                    RawSyscall.IOCTL,
                    descriptor,
                    SET_FLAGS,
                    arena.allocateFrom(ValueLayout.JAVA_LONG, wanted).address()));
        } finally {
            close(descriptor);
        }
    }

    @Override
    public PosixFile open(String path, OpenFlag... flags) throws IOException {
        return new HostFile(onPath(path, 1, RawSyscall.OPENAT, CWD, 0, hostFlags(flags)));
    }

    @Override
    public PosixFile createAndOpen(String path, int mode, OpenFlag... flags) throws IOException {
        return new HostFile(onPath(path, 1, RawSyscall.OPENAT, CWD, 0, hostFlags(flags) | O_CREAT | O_EXCL, mode));
    }

    @Override
    public PosixFile openUnnamed(String directory, int mode) throws IOException {
        return new HostFile(onPath(directory, 1, RawSyscall.OPENAT, CWD, 0, O_TMPFILE | 2, mode));
    }

    private static int hostFlags(OpenFlag... flags) {
        var wanted = List.of(flags);
        int access = !wanted.contains(OpenFlag.WRITE) ? 0 : wanted.contains(OpenFlag.READ) ? 2 : 1;
        return access
                | (wanted.contains(OpenFlag.TRUNCATE) ? 01000 : 0)
                | (wanted.contains(OpenFlag.APPEND) ? 02000 : 0)
                | (wanted.contains(OpenFlag.DIRECT) ? 040000 : 0)
                | (wanted.contains(OpenFlag.NO_ACCESS_TIME) ? 01000000 : 0);
    }

    @Override
    public void remount() throws IOException {
        mount.remount();
    }

    @Override
    public void close() throws IOException {
        mount.end();
    }

    private final class HostFile implements PosixFile {
        private final long descriptor;

        HostFile(long descriptor) {
            this.descriptor = descriptor;
        }

        @Override
        public byte[] read(long offset, int wantedLength) throws IOException {
            int length = (int) Math.min(wantedLength, Long.MAX_VALUE - offset); // past that, Linux says EINVAL
            return run(arena -> {
                MemorySegment target = arena.allocate(length);
                long read = RawSyscall.call(RawSyscall.PREAD, descriptor, target.address(), length, offset);
                return target.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
            });
        }

        @Override
        public int write(long offset, byte[] content) throws IOException {
            if (offset + content.length < 0) { // Linux would write a part of it
                throw new VfsException(Errno.EFBIG);
            }
            return run(arena -> {
                MemorySegment source = arena.allocateFrom(ValueLayout.JAVA_BYTE, content);
                return (int) RawSyscall.call(RawSyscall.PWRITE, descriptor, source.address(), content.length, offset);
            });
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            try {
                run(_ -> RawSyscall.call(RawSyscall.FTRUNCATE, descriptor, sizeBytes));
            } catch (VfsException e) { // Linux says EINVAL for what is not open for writing
                throw e.errno() == Errno.EINVAL && sizeBytes >= 0 ? new VfsException(Errno.EBADF) : e;
            }
        }

        @Override
        public void fsync() throws IOException {
            run(_ -> RawSyscall.call(RawSyscall.FSYNC, descriptor));
        }

        @Override
        public Stat stat() throws IOException {
            return statx((int) descriptor, "", EMPTY_PATH);
        }

        /** By root: others do it by a path in /proc, which is not there where the mount is the root. */
        @Override
        public void link(String path) throws IOException {
            mount.client()
                    .run(
                            0,
                            0,
                            new int[0],
                            umask,
                            arena -> RawSyscall.call(
                                    RawSyscall.LINKAT,
                                    descriptor,
                                    RawSyscall.string(arena, ""),
                                    CWD,
                                    RawSyscall.string(arena, path),
                                    EMPTY_PATH));
        }

        @Override
        public void close() throws IOException {
            HostPosixTree.this.close(descriptor);
        }
    }
}
