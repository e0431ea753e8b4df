package samepage.vfs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.InodeRecord;
import samepage.volume.Volume;

/** Follows paths. Takes no lock: each step is true at its moment. */
final class PathResolver {
    private static final int MAX_LINKS_FOLLOWED = 40;
    private static final byte[] NO_NAME = {};

    private final Tree tree;

    PathResolver(Tree tree) {
        this.tree = tree;
    }

    InodeRecord resolve(Caller caller, long start, byte[] path, boolean followLast) throws IOException {
        var walk = new Walk(caller, start, path);
        while (walk.hasMore()) {
            walk.step(followLast);
        }
        return walk.end();
    }

    ParentAndName resolveParent(Caller caller, long start, byte[] path) throws IOException {
        var walk = new Walk(caller, start, path);
        while (walk.remaining() > 1) {
            walk.step(true);
        }
        return walk.parent();
    }

    /** A name in a directory, "." and ".." included. */
    InodeRecord lookup(Caller caller, InodeRecord directory, byte[] name) throws IOException {
        Permissions.checkSearch(caller, directory);
        Names.check(name);
        if (Names.isDot(name)) {
            return directory;
        }
        if (Names.isDotDot(name)) {
            return tree.attributes(directory.parent());
        }
        InodeRecord found = tree.child(directory.ino(), name);
        if (found == null) {
            throw new VfsException(Errno.ENOENT).with("name", name);
        }
        return found;
    }

    byte[] readlink(InodeRecord link) throws IOException {
        if (!isLink(link)) {
            throw new VfsException(Errno.EINVAL, "not a symbolic link").with("inode", link.ino());
        }
        byte[] target = tree.volume().metadata().symlinkTarget(link.ino());
        if (target == null) {
            throw new VfsException(Errno.ESTALE).with("inode", link.ino());
        }
        return target.clone();
    }

    private static boolean isLink(InodeRecord inode) {
        return inode.type() == samepage.volume.FileType.SYMBOLIC_LINK;
    }

    private final class Walk {
        private final Caller caller;
        private final byte[] path;
        private final Deque<byte[]> pending;
        private InodeRecord at;
        private boolean mustBeDirectory;
        private int linksFollowed;

        Walk(Caller caller, long start, byte[] path) throws IOException {
            if (path.length == 0) {
                throw new VfsException(Errno.ENOENT, "empty path");
            }
            if (path.length >= Vfs.MAX_PATH_BYTES) {
                throw new VfsException(Errno.ENAMETOOLONG);
            }
            this.caller = caller;
            this.path = path;
            this.pending = new ArrayDeque<>(components(path));
            this.at = tree.attributes(path[0] == '/' ? Volume.ROOT : start);
            this.mustBeDirectory = endsInSlash(path);
        }

        boolean hasMore() {
            return !pending.isEmpty();
        }

        int remaining() {
            return pending.size();
        }

        void step(boolean followLast) throws IOException {
            byte[] name = pending.pop();
            boolean last = pending.isEmpty();
            InodeRecord next = lookup(caller, at, name);
            if (isLink(next) && (!last || followLast || mustBeDirectory)) {
                follow(next, last);
            } else {
                at = next;
            }
        }

        private void follow(InodeRecord link, boolean last) throws IOException {
            if (++linksFollowed > MAX_LINKS_FOLLOWED) {
                throw new VfsException(Errno.ELOOP).with("path", path);
            }
            byte[] target = readlink(link);
            tree.accessed(link);
            components(target).reversed().forEach(pending::push);
            mustBeDirectory |= last && endsInSlash(target);
            if (target[0] == '/') {
                at = tree.attributes(Volume.ROOT);
            }
        }

        InodeRecord end() throws VfsException {
            if (mustBeDirectory && !at.isDirectory()) {
                throw new VfsException(Errno.ENOTDIR).with("path", path);
            }
            return at;
        }

        ParentAndName parent() throws VfsException {
            Permissions.checkSearch(caller, at);
            byte[] name = Objects.requireNonNullElse(pending.peek(), NO_NAME);
            if (name.length > Vfs.MAX_NAME_BYTES) {
                throw new VfsException(Errno.ENAMETOOLONG).with("name", name);
            }
            return new ParentAndName(at.ino(), name, mustBeDirectory);
        }
    }

    private static boolean endsInSlash(byte[] path) {
        return path[path.length - 1] == '/';
    }

    private static List<byte[]> components(byte[] path) {
        var components = new ArrayList<byte[]>();
        int start = 0;
        for (int i = 0; i <= path.length; i++) {
            if (i == path.length || path[i] == '/') {
                if (i > start) {
                    components.add(Arrays.copyOfRange(path, start, i));
                }
                start = i + 1;
            }
        }
        return components;
    }
}
