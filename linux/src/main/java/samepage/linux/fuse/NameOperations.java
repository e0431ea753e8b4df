package samepage.linux.fuse;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.RenameMode;
import samepage.vfs.Vfs;
import samepage.volume.InodeRecord;

/** What is done with names in directories. */
final class NameOperations {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    private static final int RENAME_NO_REPLACE = 1;
    private static final int RENAME_EXCHANGE = 2;
    private static final int RENAME_WHITEOUT = 4;

    private final Served served;
    private final Vfs vfs;

    NameOperations(Served served) {
        this.served = served;
        this.vfs = served.vfs();
    }

    /** Name. That there is none is an answer worth keeping, too. */
    void lookup(Request request, Reply reply) throws IOException {
        InodeRecord found = find(request.node(), request.nextName());
        if (found == null) {
            served.attributes().putNoEntry(reply);
        } else {
            answer(reply, found);
        }
    }

    /** "." and ".." are asked for by file handles alone: of anything that has been there once, a file too. */
    private @Nullable InodeRecord find(long node, byte[] name) throws IOException {
        if (Arrays.equals(name, DOT)) {
            return vfs.getAttributes(node);
        }
        if (Arrays.equals(name, DOT_DOT)) {
            InodeRecord directory = vfs.getAttributes(node);
            if (!directory.isDirectory()) {
                throw new VfsException(Errno.ENOTDIR).with("inode", node);
            }
            return vfs.getAttributes(directory.parent());
        }
        return vfs.find(node, name);
    }

    /** The kernel is told of the inode, and takes that back by FORGET. */
    private void answer(Reply reply, InodeRecord inode) {
        served.references().lookedUp(inode.ino());
        served.attributes().putEntry(reply, inode);
    }

    /** Times u64. */
    void forget(Request request) throws IOException {
        served.references().forget(request.node(), request.nextLong());
    }

    /** Count u32, padding; then for each inode u64, times u64. */
    void forgetMany(Request request) throws IOException {
        int count = request.nextInt();
        request.skip(4);
        for (int i = 0; i < count; i++) {
            served.references().forget(request.nextLong(), request.nextLong());
        }
    }

    /** Mode u32, device u32, umask u32, padding; name. */
    void makeNode(Request request, Reply reply) throws IOException {
        int mode = request.nextInt();
        long device = Integer.toUnsignedLong(request.nextInt());
        var maker = request.maker(request.nextInt());
        request.skip(4);
        answer(reply, vfs.makeNode(maker, request.node(), request.nextName(), mode, device));
    }

    /** Mode u32, umask u32; name. */
    void makeDirectory(Request request, Reply reply) throws IOException {
        int mode = request.nextInt();
        var maker = request.maker(request.nextInt());
        answer(reply, vfs.mkdir(maker, request.node(), request.nextName(), mode));
    }

    /** Name; target. */
    void makeLink(Request request, Reply reply) throws IOException {
        byte[] name = request.nextName();
        byte[] target = request.nextName();
        answer(reply, vfs.symlink(request.caller(), request.node(), name, target));
    }

    void readLink(Request request, Reply reply) throws IOException {
        reply.put(vfs.readlink(request.node()));
    }

    /** Inode u64; its new name. */
    void link(Request request, Reply reply) throws IOException {
        long ino = request.nextLong();
        answer(reply, vfs.link(request.caller(), ino, request.node(), request.nextName()));
    }

    /** Name. */
    void unlink(Request request) throws IOException {
        byte[] name = request.nextName();
        keepWhatLosesItsName(request.node(), name);
        vfs.unlink(request.caller(), request.node(), name);
    }

    /** Name. */
    void removeDirectory(Request request) throws IOException {
        byte[] name = request.nextName();
        keepWhatLosesItsName(request.node(), name);
        vfs.rmdir(request.caller(), request.node(), name);
    }

    /** New directory u64; name; new name. */
    void rename(Request request) throws IOException {
        rename(request, request.nextLong(), RenameMode.REPLACE);
    }

    /** New directory u64, flags u32, padding; name; new name. */
    void renameWithFlags(Request request) throws IOException {
        long newDirectory = request.nextLong();
        int flags = request.nextInt();
        request.skip(4);
        rename(
                request,
                newDirectory,
                switch (flags) {
                    case 0 -> RenameMode.REPLACE;
                    case RENAME_NO_REPLACE -> RenameMode.NO_REPLACE;
                    case RENAME_EXCHANGE -> RenameMode.EXCHANGE;
                    case RENAME_WHITEOUT -> RenameMode.REPLACE_LEAVING_WHITEOUT;
                    case RENAME_NO_REPLACE | RENAME_WHITEOUT -> RenameMode.NO_REPLACE_LEAVING_WHITEOUT;
                    default -> throw new VfsException(Errno.EINVAL, "no such way to rename").with("flags", flags);
                });
    }

    private void rename(Request request, long newDirectory, RenameMode mode) throws IOException {
        byte[] name = request.nextName();
        byte[] newName = request.nextName();
        if (mode == RenameMode.REPLACE || mode == RenameMode.REPLACE_LEAVING_WHITEOUT) {
            keepWhatLosesItsName(newDirectory, newName);
        }
        vfs.rename(request.caller(), request.node(), name, newDirectory, newName, mode);
    }

    private void keepWhatLosesItsName(long directory, byte[] name) throws IOException {
        InodeRecord victim = vfs.find(directory, name);
        if (victim != null && (victim.isDirectory() || victim.linkCount() == 1)) {
            served.references().keep(victim.ino());
        }
    }
}
