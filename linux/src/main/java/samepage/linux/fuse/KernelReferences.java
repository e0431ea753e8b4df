package samepage.linux.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import samepage.vfs.InodeHold;
import samepage.vfs.Vfs;

/**
 * Which inodes the kernel knows, and may ask for although their last name has gone (U2): it has somebody's working directory
 * there, or a descriptor that is not open for reading.
 */
final class KernelReferences {
    private final Vfs vfs;

    @GuardedBy("this") private final LookupCounts counts = new LookupCounts();

    @GuardedBy("this") private final Map<Long, InodeHold> holds = new HashMap<>();

    KernelReferences(Vfs vfs) {
        this.vfs = vfs;
    }

    /** A reply tells the kernel of the inode, once more. */
    synchronized void lookedUp(long ino) {
        counts.add(ino, 1);
    }

    /** The inode may lose its last name: keeps it where the kernel knows it. */
    void keep(long ino) throws IOException {
        InodeHold hold = vfs.hold(ino);
        InodeHold surplus = hold;
        synchronized (this) {
            if (counts.get(ino) > 0 && holds.putIfAbsent(ino, hold) == null) {
                surplus = null;
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    /** The kernel takes back that many of the times it was told. */
    void forget(long ino, long times) throws IOException {
        InodeHold hold = forgetCounted(ino, times);
        if (hold != null) {
            hold.close();
        }
    }

    private synchronized @Nullable InodeHold forgetCounted(long ino, long times) {
        return counts.subtract(ino, times) == 0 ? holds.remove(ino) : null;
    }

    /** The kernel is gone: gives all back. */
    void forgetAll() throws IOException {
        List<InodeHold> all;
        synchronized (this) {
            all = new ArrayList<>(holds.values());
            holds.clear();
        }
        IOException failed = null;
        for (InodeHold hold : all) {
            try {
                hold.close();
            } catch (IOException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
