package samepage.lock;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** A count of what is under way, which can be waited down to zero: the direct I/O of an inode. */
public final class DrainableCount {
    @GuardedBy("this") private int underWay;

    /** One more is under way; the caller holds whatever keeps a drainer out. */
    public synchronized void begin() {
        underWay++;
    }

    /** One has ended, on any thread. */
    public synchronized void end() {
        if (underWay == 0) {
            throw new IllegalStateException("end without begin");
        }
        if (--underWay == 0) {
            notifyAll();
        }
    }

    /** Waits until nothing is under way. Only what keeps new ones from beginning makes the answer last. */
    public synchronized void awaitZero() {
        boolean interrupted = false;
        while (underWay > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
