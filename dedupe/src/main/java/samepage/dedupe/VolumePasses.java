package samepage.dedupe;

import java.util.HashMap;
import java.util.Map;
import samepage.vfs.Caller;
import samepage.vfs.Vfs;

/**
 * A volume that is looked at again and again: first all of it, then what has been written since, each time with the same {@link
 * FinderMemory}. A file that was written to counts as a new one that comes after all others (D1); what was remembered of the
 * one before is of a file that is gone.
 */
public final class VolumePasses {
    /** A file's id is its inode number, and above it the number of the pass that looked at it last. */
    private static final int INODE_BITS = 40;

    private static final int MOST_PASSES = 1 << (Long.SIZE - 2 - INODE_BITS);
    private static final int MOST_FILES = 1 << 20;

    private final Vfs vfs;
    private final Caller caller;
    private final Map<Long, Integer> lastPasses = new HashMap<>();
    private int pass;

    /** No pass has been yet. */
    public VolumePasses(Vfs vfs, Caller caller) {
        this.vfs = vfs;
        this.caller = caller;
    }

    /** For the first pass: all files. */
    public VolumeDedupeTarget all() {
        return VolumeDedupeTarget.pass(vfs, caller, null, this);
    }

    /** For the first pass: these files. */
    public VolumeDedupeTarget all(InodeSet files) {
        return VolumeDedupeTarget.pass(vfs, caller, files, this);
    }

    /** For the next pass: these files, with any that an earlier pass has looked at. */
    public VolumeDedupeTarget next(InodeSet files) {
        pass++;
        for (long ino = files.next(0); ino >= 0; ino = files.next(ino + 1)) {
            lastPasses.put(ino, pass);
        }
        return VolumeDedupeTarget.pass(vfs, caller, files, this);
    }

    /** Whether there has been none but for the first: nothing has been written since. */
    public boolean isFirst() {
        return pass == 0;
    }

    /** Whether it has grown so large that it is better to begin anew. */
    public boolean isFull() {
        return lastPasses.size() > MOST_FILES || pass == MOST_PASSES;
    }

    long id(long ino) {
        return (long) lastPasses.getOrDefault(ino, 0) << INODE_BITS | ino;
    }

    /** -1 where a later pass has looked at the file, under another id. */
    long ino(long id) {
        long ino = inoOfAnyPass(id);
        return id(ino) == id ? ino : -1;
    }

    static long inoOfAnyPass(long id) {
        return id & ((1L << INODE_BITS) - 1);
    }

    /** The inode to go on from, for a list of this pass's files that goes on from that id. */
    long nextIno(long fromId) {
        return Math.max(0, fromId - ((long) pass << INODE_BITS));
    }
}
