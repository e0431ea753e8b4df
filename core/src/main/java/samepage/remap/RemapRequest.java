package samepage.remap;

import samepage.inode.Inode;

/**
 * A range of one file that is to share, or be given, the storage of a range of another, or of another range of the same.
 * Offsets and length are bytes. A copy of what the caller asked for: it does not change while it is served.
 */
@SuppressWarnings("exports") // made by vfs for outsiders
public record RemapRequest(Inode source, long sourceOffset, Inode target, long targetOffset, long lengthBytes) {
    boolean isWithinOneFile() {
        return source == target;
    }
}
