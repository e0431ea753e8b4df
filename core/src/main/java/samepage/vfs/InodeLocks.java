package samepage.vfs;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import samepage.inode.Inode;
import samepage.lock.RankedLock;

/** The inode locks of several inodes, exclusive, taken in ascending order of their numbers (T2). */
final class InodeLocks implements AutoCloseable {
    private final Deque<RankedLock.Held> held = new ArrayDeque<>();

    private InodeLocks() {}

    /** Locks each inode once, however often it is given; null stands for none. */
    static InodeLocks exclusive(@Nullable Inode... inodes) {
        var locks = new InodeLocks();
        Arrays.stream(inodes)
                .filter(Objects::nonNull)
                .distinct()
                .sorted(Comparator.comparingLong(Inode::ino))
                .forEach(inode -> locks.held.push(inode.inodeLock().lockExclusive()));
        return locks;
    }

    @Override
    public void close() {
        while (!held.isEmpty()) {
            held.pop().close();
        }
    }
}
