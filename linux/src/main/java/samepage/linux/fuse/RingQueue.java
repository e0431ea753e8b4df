package samepage.linux.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the programs on one processor ask. There is always a worker that waits for a request, up to a number of workers that no load
 * needs. Of several that wait the kernel takes the one that came last.
 */
final class RingQueue {
    private static final int MOST_WORKERS = 16;

    private final Rings rings;
    private final int processor;

    /** Workers that wait for a request, or are about to. */
    private final AtomicInteger idle = new AtomicInteger();

    @GuardedBy("this") private int startedWorkers;

    @GuardedBy("this") private int workers;

    /** Those of them that wait for the kernel, and are not counted among so many (U4). */
    @GuardedBy("this") private int waiting;

    RingQueue(Rings rings, int processor) {
        this.rings = rings;
        this.processor = processor;
    }

    int processor() {
        return processor;
    }

    synchronized void addWorker() {
        if (workers - waiting < MOST_WORKERS) {
            workers++;
            rings.threadStarts();
            idle.incrementAndGet();
            boolean isFirst = startedWorkers == 0;
            var thread = Thread.ofPlatform().name("samepage-fuse-" + processor + "-" + startedWorkers++);
            try {
                thread.start(new RingWorker(this, rings, isFirst));
            } catch (OutOfMemoryError e) { // no threads left: those that are there do
                rings.hasNotOpened();
                workerEnded();
            }
        }
    }

    /** A worker is about to wait for a request. */
    void isIdle() {
        idle.incrementAndGet();
    }

    /** A worker has got a request. */
    void isBusy() {
        if (idle.decrementAndGet() == 0) {
            addWorker();
        }
    }

    /** A worker is about to wait for the kernel, which may ask something meanwhile. */
    void waits() {
        synchronized (this) {
            waiting++;
        }
        if (idle.get() == 0) {
            addWorker();
        }
    }

    synchronized void hasWaited() {
        waiting--;
    }

    /** A worker that was about to wait will have no request any more. */
    void workerEnded() {
        idle.decrementAndGet();
        synchronized (this) {
            workers--;
        }
        rings.threadEnded();
    }
}
