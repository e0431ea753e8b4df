package samepage.linux.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.vfs.Vfs;

/**
 * The conversation with the kernel about one mount, from its first request to its end. There is always a worker waiting for a
 * request, up to a number of workers that no load needs; those that have been started stay.
 *
 * <p>Few wait at a time, and the rest rest: the kernel gives a request to the one that has waited longest, so that with many
 * every request would meet another thread, another buffer and cold caches.
 */
final class FuseSession {
    private static final int MOST_WORKERS = 16;
    private static final int MOST_IDLE = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final HostFile device;
    private final Served served;
    private final Dispatcher dispatcher;
    /** Workers that wait for a request, or are about to. */
    private final AtomicInteger idle = new AtomicInteger();

    /** What those that rest wait for. */
    private final Semaphore calls = new Semaphore(0);

    private final CountDownLatch ended = new CountDownLatch(1);

    @GuardedBy("this") private int workers;

    @GuardedBy("this") private int startedWorkers;

    @GuardedBy("this") private int resting;

    /** Nobody rests any more: all are to be told that the mount is no more. */
    private volatile boolean isEnding;

    /**
     * One to come.
     *
     * @param device of a mount that has been made
     * @param directoriesAreOpened whether each opening of a directory is to be told, and its entries read anew
     */
    FuseSession(HostFile device, Vfs vfs, boolean directoriesAreOpened) {
        this.device = device;
        this.served = new Served(
                vfs,
                new AttributeFormat(vfs.volume().blockSize()),
                new KernelReferences(vfs),
                new OpenFiles(),
                new KernelCache(device),
                new Later());
        this.dispatcher = new Dispatcher(served, directoriesAreOpened);
    }

    /** Agrees with the kernel, and serves from then on. */
    void start() throws IOException {
        negotiate();
        addWorker();
    }

    private void negotiate() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var request = new Request(arena.allocate(Worker.BUFFER_BYTES, Long.BYTES));
            var reply = new Reply(arena.allocate(Worker.BUFFER_BYTES, Long.BYTES));
            request.received(device.readNext(request.memory()));
            if (request.opcode() != Opcode.INIT) {
                throw new VfsException(Errno.EPROTO, "the first request is another").with("opcode", request.opcode());
            }
            reply.begin(request.unique());
            try {
                Negotiation.answer(request, reply);
            } catch (VfsException e) {
                reply.fail(e.errno());
                device.writeNext(reply.finish());
                throw e;
            }
            device.writeNext(reply.finish());
        }
    }

    Served served() {
        return served;
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

    private synchronized void addWorker() {
        if (resting > 0) {
            resting--;
            calls.release();
        } else if (workers < MOST_WORKERS && !isEnding) {
            workers++;
            HostFile own = startedWorkers == 0 ? device : FuseDevice.cloneOf(device);
            var worker = new Worker(this, dispatcher, own);
            Thread.ofPlatform().name("samepage-fuse-" + startedWorkers++).start(worker);
        }
    }

    /** A worker has been told that the mount is no more, and so will the others be. */
    void workerEnded(HostFile itsDevice) {
        boolean last;
        idle.decrementAndGet();
        synchronized (this) {
            isEnding = true;
            calls.release(resting);
            resting = 0;
            workers--;
            last = workers == 0;
        }
        if (itsDevice.number() != device.number()) {
            itsDevice.close();
        }
        if (last) {
            end();
        }
    }

    /** Gives back what the kernel has had. */
    private void end() {
        try {
            served.later().close();
            served.files().closeAll();
            served.references().forgetAll();
        } catch (IOException e) {
            Failures.log(e);
        } finally {
            device.close();
            ended.countDown();
        }
    }

    /** Waits until nothing is served any more. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** The same, for a time; false where it has not ended by then. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
