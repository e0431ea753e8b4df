package samepage.linux.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import samepage.linux.syscall.HostFile;

/**
 * What comes by the device. There is always a worker waiting for a request, up to a number of workers that no load needs; those that
 * have been started stay.
 *
 * <p>Few wait at a time, and the rest rest: the kernel gives a request to the one that has waited longest, so that with many
 * every request would meet another thread, another buffer and cold caches.
 */
final class DeviceQueue {
    private static final int MOST_WORKERS = 16;
    private static final int MOST_IDLE = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final FuseSession session;
    private final HostFile device;
    private final Dispatcher dispatcher;
    private final Later later;

    /** Workers that wait for a request, or are about to. */
    private final AtomicInteger idle = new AtomicInteger();

    /** What those that rest wait for. */
    private final Semaphore calls = new Semaphore(0);

    @GuardedBy("this") private int workers;

    @GuardedBy("this") private int startedWorkers;

    @GuardedBy("this") private int resting;

    /** Nobody rests any more: all are to be told that the mount is no more. */
    private volatile boolean isEnding;

    DeviceQueue(FuseSession session, HostFile device, Dispatcher dispatcher, Later later) {
        this.session = session;
        this.device = device;
        this.dispatcher = dispatcher;
        this.later = later;
    }

    /** A worker is about to wait for a request; where enough of them do, it rests first until it is needed. */
    void isIdle() {
        while (!waits() && !isEnding) {
            if (rests()) {
                calls.acquireUninterruptibly();
            }
        }
    }

    private boolean waits() {
        int now = idle.get();
        while (now < MOST_IDLE) {
            if (idle.compareAndSet(now, now + 1)) {
                return true;
            }
            now = idle.get();
        }
        return false;
    }

    /** Looks again under the lock: whoever becomes the last to wait no more either is seen here, or sees that this one rests. */
    private synchronized boolean rests() {
        if (idle.get() < MOST_IDLE || isEnding) {
            return false;
        }
        resting++;
        return true;
    }

    /** A worker has got a request. */
    void isBusy() {
        if (idle.decrementAndGet() == 0) {
            addWorker();
        }
    }

    synchronized void addWorker() {
        if (resting > 0) {
            resting--;
            calls.release();
        } else if (workers < MOST_WORKERS && !isEnding) {
            startWorker();
        }
    }

    private synchronized void startWorker() {
        HostFile own = startedWorkers == 0 ? device : FuseDevice.cloneOf(device);
        var thread = Thread.ofPlatform().name("samepage-fuse-" + startedWorkers);
        try {
            session.threadStarts();
            thread.start(new Worker(this, own, dispatcher, later));
            startedWorkers++;
            workers++;
        } catch (OutOfMemoryError e) { // no threads left: those that are there do
            if (workers == 0) {
                throw e;
            }
            closeClone(own);
            session.threadEnded();
        }
    }

    private void closeClone(HostFile its) {
        if (its.number() != device.number()) {
            its.close();
        }
    }

    /** A worker has been told that the mount is no more, and so will the others be. */
    void workerEnded(HostFile itsDevice) {
        idle.decrementAndGet();
        synchronized (this) {
            isEnding = true;
            calls.release(resting);
            resting = 0;
            workers--;
        }
        closeClone(itsDevice);
        session.threadEnded();
    }
}
