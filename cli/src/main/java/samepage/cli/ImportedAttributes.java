package samepage.cli;

import static samepage.cli.OpenVolume.PRIVILEGED;
import static samepage.cli.SourceFailure.reading;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDescriptor;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostProcess;
import samepage.linux.syscall.HostStat;
import samepage.vfs.SetAttributes;
import samepage.vfs.Vfs;
import samepage.vfs.XattrMode;
import samepage.volume.InodeRecord;

/** Gives what was imported the mode, owner, times and extended attributes of its source. Files of others keep their owner as root only. */
final class ImportedAttributes {
    private final Vfs vfs;
    private final LeftOut leftOut;
    private final boolean keepsOwner = HostProcess.effectiveUserId() == 0;

    ImportedAttributes(Vfs vfs, LeftOut leftOut) {
        this.vfs = vfs;
        this.leftOut = leftOut;
    }

    /** Of a new inode, or a directory. */
    void set(HostDescriptor source, HostStat stat, long ino) throws IOException {
        vfs.setAttributes(PRIVILEGED, ino, ofSource(stat));
        copyXattrs(source.path(), reading(source::xattrNames), source::xattr, ino);
    }

    /** Of what is not opened: a symbolic link, a special file. */
    void set(HostDirectory directory, byte[] name, HostStat stat, long ino) throws IOException {
        var wanted = ofSource(stat);
        vfs.setAttributes(PRIVILEGED, ino, stat.isSymbolicLink() ? withoutMode(wanted) : wanted);
        var names = reading(() -> directory.xattrNames(name));
        copyXattrs(HostPath.join(directory.path(), name), names, attribute -> directory.xattr(name, attribute), ino);
    }

    /** Of a file whose content is there already: what differs. */
    void update(HostDescriptor source, HostStat stat, InodeRecord existing) throws IOException {
        var isOwnerRight = !keepsOwner || (existing.uid() == stat.userId() && existing.gid() == stat.groupId());
        var names = reading(source::xattrNames);
        var hasXattrs = existing.has(InodeRecord.FLAG_HAS_XATTRS) || !names.isEmpty();
        if (existing.permissions() != stat.permissions()
                || !isOwnerRight
                || !existing.accessTime().equals(Moments.ofHost(stat.accessed()))) {
            vfs.setAttributes(PRIVILEGED, existing.ino(), ofSource(stat));
        }
        if (hasXattrs) {
            removeOthers(names, existing.ino());
            copyXattrs(source.path(), names, source::xattr, existing.ino());
        }
    }

    private SetAttributes ofSource(HostStat stat) {
        var uid = keepsOwner ? stat.userId() : HostProcess.effectiveUserId();
        var gid = keepsOwner ? stat.groupId() : HostProcess.effectiveGroupId();
        return SetAttributes.NONE
                .withMode(stat.permissions())
                .withOwner(uid, gid)
                .withTimes(Moments.toSet(stat.accessed()), Moments.toSet(stat.modified()));
    }

    private static SetAttributes withoutMode(SetAttributes all) {
        return new SetAttributes(null, all.uid(), all.gid(), null, all.accessTime(), all.modifyTime());
    }

    /** Reads one extended attribute's value. */
    private interface XattrReading {
        byte @Nullable [] read(byte[] attribute) throws VfsException;
    }

    private void copyXattrs(byte[] path, List<byte[]> names, XattrReading values, long ino) throws IOException {
        for (var name : names) {
            try {
                var value = reading(() -> Optional.ofNullable(values.read(name)));
                if (value.isPresent() && !hasXattr(ino, name, value.get())) {
                    vfs.setXattr(PRIVILEGED, ino, name, value.get(), XattrMode.SET);
                }
            } catch (SourceFailure e) {
                leaveOut(path, name, e.failure());
            } catch (VfsException e) {
                if (e.errno() == Errno.EIO || e.errno() == Errno.EROFS) {
                    throw e;
                }
                leaveOut(path, name, e);
            }
        }
    }

    private boolean hasXattr(long ino, byte[] name, byte[] value) throws IOException {
        return Arrays.equals(vfs.volume().metadata().xattr(ino, name), value);
    }

    private void leaveOut(byte[] path, byte[] attribute, VfsException failure) {
        var name = PrintableName.of(attribute);
        leftOut.add(path, "its extended attribute " + name + ": " + FailureText.why(failure));
    }

    private void removeOthers(List<byte[]> wanted, long ino) throws IOException {
        for (var name : vfs.listXattrs(PRIVILEGED, ino)) {
            var isRead = keepsOwner || new String(name, StandardCharsets.ISO_8859_1).startsWith("user.");
            if (isRead && wanted.stream().noneMatch(other -> Arrays.equals(other, name))) {
                vfs.removeXattr(PRIVILEGED, ino, name);
            }
        }
    }
}
