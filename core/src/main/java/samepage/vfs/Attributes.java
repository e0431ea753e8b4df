package samepage.vfs;

import java.util.function.UnaryOperator;
import samepage.inode.Inode;
import samepage.io.FileIo;
import samepage.io.FileIo.SetIdBits;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;

/** Reads and sets attributes. */
final class Attributes {
    private Attributes() {}

    /**
     * The attributes of an inode in use. One whose content has not been written back yet shows at least one block: there are
     * programs that take a file without blocks for a hole.
     */
    static InodeRecord of(Inode inode) {
        long mapped = inode.extents().mappedBlocks();
        return inode.record().withMappedBlocks(mapped == 0 && inode.pages().isBusy() ? 1 : mapped);
    }

    /** What changes besides the size when that is set. */
    static UnaryOperator<InodeRecord> truncated(SetIdBits setIdBits) {
        Timestamp now = Timestamp.now();
        return record -> {
            InodeRecord modified = record.modifiedAt(now);
            return setIdBits == SetIdBits.STRIP ? FileIo.withoutSetIds(modified) : modified;
        };
    }
}
