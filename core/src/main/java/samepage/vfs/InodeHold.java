package samepage.vfs;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import samepage.inode.Inode;
import samepage.inode.InodeTable;

/** An inode kept by somebody who has no file open. */
public final class InodeHold implements AutoCloseable {
    private final InodeTable inodes;
    private final Inode inode;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over a reference. */
    InodeHold(InodeTable inodes, Inode inode) {
        this.inodes = inodes;
        this.inode = inode;
    }

    public long ino() {
        return inode.ino();
    }

    Inode inode() {
        return inode;
    }

    /** Gives the inode back; where it has no name left and this was its last user, it is freed. */
    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            inodes.release(inode);
        }
    }
}
