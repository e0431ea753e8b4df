package samepage.lock;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A shared/exclusive lock with a place in the one lock order. Not reentrant: taking it twice is a bug, and is reported as
 * one where assertions are on.
 */
public final class RankedLock {
    private final LockRank rank;
    private final long major;
    private final long minor;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Held shared = new Held(this, false);
    private final Held exclusive = new Held(this, true);

    /** A lock that is the only one of its rank. */
    public RankedLock(LockRank rank) {
        this(rank, 0, 0);
    }

    /** A lock ordered among those of its rank by {@code major}. */
    public RankedLock(LockRank rank, long major) {
        this(rank, major, 0);
    }

    /** A lock ordered among those of its rank by {@code major}, then {@code minor}. */
    public RankedLock(LockRank rank, long major, long minor) {
        this.rank = rank;
        this.major = major;
        this.minor = minor;
    }

    /** Waits for a share of the lock. */
    public Held lockShared() {
        assert HeldLocks.mayTake(this);
        lock.readLock().lock();
        assert HeldLocks.taken(this);
        return shared;
    }

    /** Waits for the lock. */
    public Held lockExclusive() {
        assert HeldLocks.mayTake(this);
        lock.writeLock().lock();
        assert HeldLocks.taken(this);
        return exclusive;
    }

    /** Takes the lock where that needs no wait; never waiting, it is bound by no order. */
    public @Nullable Held tryLockExclusive() {
        assert !isHeld() : "lock order: wants " + this + " while holding it";
        if (!lock.writeLock().tryLock()) {
            return null;
        }
        assert HeldLocks.taken(this);
        return exclusive;
    }

    /** True where this thread holds the lock exclusively. */
    public boolean isHeldExclusively() {
        return lock.isWriteLockedByCurrentThread();
    }

    /** True where this thread holds the lock, shared or exclusively. */
    public boolean isHeld() {
        return lock.isWriteLockedByCurrentThread() || lock.getReadHoldCount() > 0;
    }

    LockRank rank() {
        return rank;
    }

    /** True where this lock comes after {@code other} in the lock order. */
    boolean comesAfter(RankedLock other) {
        if (rank != other.rank) {
            return rank.compareTo(other.rank) > 0;
        }
        return major != other.major ? major > other.major : minor > other.minor;
    }

    @Override
    public String toString() {
        return rank + "(" + major + "," + minor + ")";
    }

    /** The proof that a lock is held; closing it gives the lock back. Belongs to the thread that took it. */
    public static final class Held implements AutoCloseable {
        private final RankedLock owner;
        private final boolean exclusively;

        private Held(RankedLock owner, boolean exclusively) {
            this.owner = owner;
            this.exclusively = exclusively;
        }

        @Override
        public void close() {
            assert HeldLocks.released(owner);
            if (exclusively) {
                owner.lock.writeLock().unlock();
            } else {
                owner.lock.readLock().unlock();
            }
        }
    }
}
