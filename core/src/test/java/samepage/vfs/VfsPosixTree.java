package samepage.vfs;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import samepage.vfs.SetAttributes.NewTime;
import samepage.volume.DirectoryEntry;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Volume;

/** The core's own face as the suite's tree. */
final class VfsPosixTree implements PosixTree {
    private final TestMount mount;
    private final Caller caller;

    VfsPosixTree(TestMount mount, Caller caller) {
        this.mount = mount;
        this.caller = caller;
    }

    @Override
    public PosixTree as(int uid, int gid, int... groups) {
        var all = Arrays.stream(groups).boxed().collect(Collectors.toSet());
        return new VfsPosixTree(mount, new Caller(uid, gid, all, caller.umask(), uid == 0));
    }

    @Override
    public PosixTree withUmask(int umask) {
        return new VfsPosixTree(
                mount, new Caller(caller.uid(), caller.gid(), caller.groups(), umask, caller.privileged()));
    }

    private Vfs vfs() {
        return mount.vfs();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private long ino(String path, boolean follow) throws IOException {
        return vfs().resolve(caller, Volume.ROOT, bytes(path), follow).ino();
    }

    private ParentAndName place(String path) throws IOException {
        return vfs().resolveParent(caller, bytes(path));
    }

    private Stat stat(InodeRecord inode) {
        return new Stat(
                inode.ino(),
                inode.type(),
                inode.permissions(),
                inode.uid(),
                inode.gid(),
                inode.linkCount(),
                inode.deviceNumber(),
                inode.sizeBytes(),
                inode.mappedBlocks() * vfs().volume().blockSize(),
                inode.accessTime(),
                inode.modifyTime(),
                inode.changeTime());
    }

    @Override
    public Stat stat(String path) throws IOException {
        return stat(vfs().resolve(caller, bytes(path)));
    }

    @Override
    public Stat lstat(String path) throws IOException {
        return stat(vfs().resolve(caller, Volume.ROOT, bytes(path), false));
    }

    @Override
    public void access(String path, int mask) throws IOException {
        vfs().access(caller, ino(path, true), mask);
    }

    private void set(String path, boolean follow, SetAttributes attributes) throws IOException {
        vfs().setAttributes(caller, ino(path, follow), attributes);
    }

    @Override
    public void chmod(String path, int mode) throws IOException {
        set(path, true, SetAttributes.NONE.withMode(mode));
    }

    @Override
    public void lchown(String path, int uid, int gid) throws IOException {
        SetAttributes attributes = SetAttributes.NONE;
        attributes = uid < 0 ? attributes : attributes.withUid(uid);
        attributes = gid < 0 ? attributes : attributes.withGid(gid);
        set(path, false, attributes);
    }

    @Override
    public void setTimes(String path, Timestamp access, Timestamp modify) throws IOException {
        set(path, true, SetAttributes.NONE.withTimes(NewTime.at(access), NewTime.at(modify)));
    }

    @Override
    public void touch(String path) throws IOException {
        set(path, true, SetAttributes.NONE.withTimes(NewTime.NOW, NewTime.NOW));
    }

    @Override
    public void truncate(String path, long sizeBytes) throws IOException {
        set(path, true, SetAttributes.NONE.withSize(sizeBytes));
    }

    @Override
    public void create(String path, int mode) throws IOException {
        ParentAndName place = place(path);
        vfs().create(caller, place.parent(), place.name(), mode);
    }

    @Override
    public void mkdir(String path, int mode) throws IOException {
        ParentAndName place = place(path);
        vfs().mkdir(caller, place.parent(), place.name(), mode);
    }

    @Override
    public void makeNode(String path, int mode, long deviceNumber) throws IOException {
        ParentAndName place = place(path);
        vfs().makeNode(caller, place.parent(), place.name(), mode, deviceNumber);
    }

    @Override
    public void symlink(String target, String path) throws IOException {
        ParentAndName place = place(path);
        vfs().symlink(caller, place.parent(), place.name(), bytes(target));
    }

    @Override
    public String readlink(String path) throws IOException {
        return text(vfs().readlink(ino(path, false)));
    }

    @Override
    public void link(String existing, String path) throws IOException {
        long ino = ino(existing, false);
        ParentAndName place = place(path);
        vfs().link(caller, ino, place.parent(), place.name());
    }

    @Override
    public void unlink(String path) throws IOException {
        ParentAndName place = place(path);
        vfs().unlink(caller, place.parent(), place.name());
    }

    @Override
    public void rmdir(String path) throws IOException {
        ParentAndName place = place(path);
        vfs().rmdir(caller, place.parent(), place.name());
    }

    @Override
    public void rename(String path, String newPath, RenameMode mode) throws IOException {
        ParentAndName from = place(path);
        ParentAndName to = place(newPath);
        vfs().rename(caller, from.parent(), from.name(), to.parent(), to.name(), mode);
    }

    /** In small portions, to see that they fit together. */
    @Override
    public List<String> list(String path) throws IOException {
        long ino = ino(path, true);
        var names = new ArrayList<String>();
        List<DirectoryEntry> portion = vfs().readDirectory(caller, ino, 0, 7);
        while (!portion.isEmpty()) {
            portion.forEach(entry -> names.add(text(entry.name())));
            portion = vfs().readDirectory(caller, ino, portion.getLast().cookie(), 7);
        }
        names.sort(null);
        return names;
    }

    @Override
    public byte[] getXattr(String path, String name) throws IOException {
        return vfs().getXattr(caller, ino(path, false), bytes(name));
    }

    @Override
    public void setXattr(String path, String name, byte[] value, XattrMode mode) throws IOException {
        vfs().setXattr(caller, ino(path, false), bytes(name), value, mode);
    }

    @Override
    public List<String> listXattrs(String path) throws IOException {
        return vfs().listXattrs(caller, ino(path, false)).stream()
                .map(VfsPosixTree::text)
                .sorted()
                .toList();
    }

    @Override
    public void removeXattr(String path, String name) throws IOException {
        vfs().removeXattr(caller, ino(path, false), bytes(name));
    }

    @Override
    public void setFlags(String path, int flags) throws IOException {
        vfs().setFlags(caller, ino(path, true), flags);
    }

    private static EnumSet<OpenFlag> set(OpenFlag... flags) {
        var set = EnumSet.noneOf(OpenFlag.class);
        set.addAll(List.of(flags));
        return set;
    }

    @Override
    public PosixFile open(String path, OpenFlag... flags) throws IOException {
        return new VfsFile(vfs().open(caller, ino(path, true), set(flags)));
    }

    @Override
    public PosixFile createAndOpen(String path, int mode, OpenFlag... flags) throws IOException {
        ParentAndName place = place(path);
        return new VfsFile(vfs().createAndOpen(caller, place.parent(), place.name(), mode, set(flags)));
    }

    @Override
    public PosixFile openUnnamed(String directory, int mode) throws IOException {
        return new VfsFile(vfs().openUnnamed(caller, ino(directory, true), mode, TestMount.READ_WRITE));
    }

    @Override
    public void remount() throws IOException {
        mount.remount();
    }

    @Override
    public void close() throws IOException {
        mount.close();
    }

    private final class VfsFile implements PosixFile {
        private final OpenFile file;

        VfsFile(OpenFile file) {
            this.file = file;
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            byte[] content = new byte[length];
            return Arrays.copyOf(content, file.read(offset, MemorySegment.ofArray(content)));
        }

        @Override
        public int write(long offset, byte[] content) throws IOException {
            return file.write(offset, MemorySegment.ofArray(content));
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            file.truncate(sizeBytes);
        }

        @Override
        public void fsync() throws IOException {
            file.fsync(false);
        }

        @Override
        public Stat stat() {
            return VfsPosixTree.this.stat(file.attributes());
        }

        @Override
        public void link(String path) throws IOException {
            ParentAndName place = place(path);
            vfs().link(caller, file, place.parent(), place.name());
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
