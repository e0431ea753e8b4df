package samepage.cli;

import java.util.Map;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;

/** An inode's attributes for programs. */
final class StatusText {
    private StatusText() {}

    static void putInto(Map<String, Object> object, InodeRecord inode) {
        object.put("inode", inode.ino());
        object.put("type", ModeText.type(inode.type()));
        object.put("mode", octal(inode));
        object.put("links", inode.linkCount());
        object.put("uid", Integer.toUnsignedLong(inode.uid()));
        object.put("gid", Integer.toUnsignedLong(inode.gid()));
        object.put("sizeBytes", inode.sizeBytes());
        if (inode.type() == FileType.CHARACTER_DEVICE || inode.type() == FileType.BLOCK_DEVICE) {
            object.put("deviceMajor", DeviceNumber.major(inode.deviceNumber()));
            object.put("deviceMinor", DeviceNumber.minor(inode.deviceNumber()));
        }
        object.put("accessed", Moments.iso(inode.accessTime()));
        object.put("modified", Moments.iso(inode.modifyTime()));
        object.put("changed", Moments.iso(inode.changeTime()));
        object.put("born", Moments.iso(inode.birthTime()));
    }

    /** The permissions, such as {@code 0755}. */
    static String octal(InodeRecord inode) {
        return String.format("%04o", inode.permissions());
    }
}
