package samepage.vfs;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.Inode;
import samepage.inode.InodeTable;
import samepage.volume.DirectoryEntry;
import samepage.volume.MetadataView;

/** The inodes that one operation uses. Closed when it holds no lock and no transaction any more (T5). */
final class InodeReferences implements AutoCloseable {
    private final InodeTable inodes;
    private final MetadataView metadata;
    private final Deque<Inode> referenced = new ArrayDeque<>();

    InodeReferences(InodeTable inodes, MetadataView metadata) {
        this.inodes = inodes;
        this.metadata = metadata;
    }

    /** The inode of that number; ESTALE where there is none. */
    Inode get(long ino) throws IOException {
        Inode inode = inodes.get(ino);
        referenced.push(inode);
        return inode;
    }

    /** Takes over a reference. */
    void add(Inode inode) {
        referenced.push(inode);
    }

    /** What the name refers to now, or null; no lock keeps it so. */
    @Nullable Inode find(Inode directory, byte[] name) throws IOException {
        long gone = -1;
        while (true) {
            DirectoryEntry entry = metadata.entry(directory.ino(), name);
            if (entry == null) {
                return null;
            }
            try {
                return get(entry.ino());
            } catch (VfsException e) {
                gone = checkGoneSince(entry, gone, e);
            }
        }
    }

    /**
     * An inode that is not there although its entry was: fine once, where the name has been taken away in between.
     *
     * @param gone the inode that was missing the time before
     * @return the inode that is missing now
     */
    static long checkGoneSince(DirectoryEntry entry, long gone, VfsException missing) throws VfsException {
        if (missing.errno() != Errno.ESTALE) {
            throw missing;
        }
        if (entry.ino() == gone) {
            throw new VfsException(Errno.EUCLEAN, "an entry refers to no inode", missing).with("name", entry.name());
        }
        return entry.ino();
    }

    @Override
    public void close() throws IOException {
        IOException failed = null;
        while (!referenced.isEmpty()) {
            try {
                inodes.release(referenced.pop());
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
