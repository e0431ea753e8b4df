package samepage.cli;

import static samepage.cli.TargetFailure.write;

import java.io.IOException;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDescriptor;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/** Gives what was exported its owner (as root), mode, extended attributes and times, in the order in which none undoes another. */
final class ExportedAttributes {
    private static final int SET_ID_BITS = 06000;

    private final OpenVolume volume;
    private final LeftOut leftOut;
    private final int userId = HostProcess.effectiveUserId();
    private final int groupId = HostProcess.effectiveGroupId();

    ExportedAttributes(OpenVolume volume, LeftOut leftOut) {
        this.volume = volume;
        this.leftOut = leftOut;
    }

    /** Of an open file or directory. */
    void set(HostDescriptor target, InodeRecord inode) throws IOException {
        if (userId == 0) {
            write(() -> target.setOwner(inode.uid(), inode.gid()));
        }
        write(() -> target.setMode(mode(inode)));
        copyXattrs(target.path(), inode, target::setXattr);
        write(() -> target.setTimes(Moments.toHost(inode.accessTime()), Moments.toHost(inode.modifyTime())));
    }

    /** Of what is not opened: a symbolic link, a special file. */
    void set(HostDirectory directory, byte[] name, InodeRecord inode) throws IOException {
        if (userId == 0) {
            write(() -> directory.setOwner(name, inode.uid(), inode.gid()));
        }
        if (inode.type() != FileType.SYMBOLIC_LINK) {
            write(() -> directory.setMode(name, mode(inode)));
        }
        copyXattrs(
                HostPath.join(directory.path(), name),
                inode,
                (attribute, value) -> directory.setXattr(name, attribute, value));
        write(() -> directory.setTimes(name, Moments.toHost(inode.accessTime()), Moments.toHost(inode.modifyTime())));
    }

    /** A file that runs as its owner must not run as another. */
    private int mode(InodeRecord inode) {
        var isOwnerKept = userId == 0 || (inode.uid() == userId && inode.gid() == groupId);
        return isOwnerKept || inode.isDirectory() ? inode.permissions() : inode.permissions() & ~SET_ID_BITS;
    }

    /** Sets one extended attribute. */
    private interface XattrWriting {
        void set(byte[] attribute, byte[] value) throws VfsException;
    }

    private void copyXattrs(byte[] path, InodeRecord inode, XattrWriting target) throws IOException {
        if (!inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            return;
        }
        for (var name : volume.vfs().listXattrs(OpenVolume.PRIVILEGED, inode.ino())) {
            var value = volume.vfs().getXattr(OpenVolume.PRIVILEGED, inode.ino(), name);
            try {
                write(() -> target.set(name, value));
            } catch (TargetFailure e) {
                leftOut.add(
                        path, "its extended attribute " + PrintableName.of(name) + ": " + FailureText.why(e.failure()));
            }
        }
    }
}
