package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import samepage.inode.LayoutLeases.Use;
import samepage.lock.DrainableCount;

/**
 * The right to use some blocks of a file past everybody else, until it is asked back. What the blocks are is the business of
 * the room above; here is who has it, and how it ends: returned by its holder, or fenced when its holder is too slow.
 */
public final class LayoutLease {
    private final long from;
    private final long to;
    private final Access access;
    private final Runnable holder;
    private final long deadlineNanos;
    private final Runnable whenFenced;
    private final DrainableCount uses = new DrainableCount();

    @GuardedBy("this") private State state = State.GRANTED;

    @GuardedBy("this") private boolean askedBack;

    @GuardedBy("this") private long fenceAtNanos;

    @GuardedBy("this") private boolean gone;

    /** What the holder may do. Any number may read at a time; one who writes is alone. */
    public enum Access {
        READ,
        WRITE
    }

    private enum State {
        GRANTED,
        RETURNING,
        FENCED
    }

    /**
     * @param holder asks the holder for the lease; called once, on a thread of its own
     * @param deadline how long the holder may take from then on
     * @param whenFenced undoes what was granted, with nothing under way through the lease and no lock held
     */
    public LayoutLease(long from, long to, Access access, Runnable holder, Duration deadline, Runnable whenFenced) {
        this.from = from;
        this.to = to;
        this.access = access;
        this.holder = holder;
        this.deadlineNanos = deadline.toNanos();
        this.whenFenced = whenFenced;
    }

    public long from() {
        return from;
    }

    public long to() {
        return to;
    }

    public Access access() {
        return access;
    }

    boolean conflicts(long otherFrom, long otherTo, Use use) {
        return from < otherTo && otherFrom < to && (access == Access.WRITE || use == Use.CHANGE);
    }

    /** Begins a use of the blocks; false once the lease is on its way back. To be ended by {@link #endUse}. */
    public synchronized boolean beginUse() {
        if (state != State.GRANTED) {
            return false;
        }
        uses.begin();
        return true;
    }

    public void endUse() {
        uses.end();
    }

    /** True once its holder has been asked for it. */
    public synchronized boolean isAskedBack() {
        return askedBack;
    }

    /**
     * Begins the return: afterwards nothing is under way through the lease, and nothing begins.
     *
     * @return false where it is on its way back already, or has been fenced
     */
    public boolean beginReturn() {
        return end(State.RETURNING);
    }

    /** True where the holder was too slow: what it has not returned is lost. */
    public synchronized boolean isFenced() {
        return state == State.FENCED;
    }

    /** Takes the lease from its holder at once. */
    public void fence() {
        if (end(State.FENCED)) {
            whenFenced.run();
        }
    }

    private boolean end(State ending) {
        synchronized (this) {
            if (state != State.GRANTED) {
                return false;
            }
            state = ending;
        }
        uses.awaitZero();
        return true;
    }

    void askBack() {
        synchronized (this) {
            if (askedBack) {
                return;
            }
            askedBack = true;
            fenceAtNanos = System.nanoTime() + deadlineNanos;
        }
        Thread.ofVirtual().name("samepage-lease-recall").start(holder);
    }

    /** Waits until one that is asked back, or on its way back, has been returned; fences it at the deadline. */
    public void awaitGone() {
        boolean interrupted = false;
        while (!waitGone()) {
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean waitGone() {
        synchronized (this) {
            try {
                while (!gone && (state != State.GRANTED || fenceAtNanos - System.nanoTime() > 0)) {
                    if (state == State.GRANTED) {
                        TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, fenceAtNanos - System.nanoTime()));
                    } else {
                        wait(); // on its way back, which ends by itself
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            if (gone) {
                return true;
            }
        }
        fence();
        return false;
    }

    synchronized void setGone() {
        gone = true;
        notifyAll();
    }
}
