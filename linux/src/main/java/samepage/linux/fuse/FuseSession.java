package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.vfs.Vfs;
import samepage.vfs.VfsOptions.AccessTimes;

/**
 * The conversation with the kernel about one mount, from its first request to its end. Requests come by the device ({@link
 * DeviceQueue}), and by io_uring where the kernel offers it ({@link Rings}).
 */
final class FuseSession {
    private final HostFile device;
    private final boolean wantsRings;
    private final Served served;
    private final Later later = new Later();
    private final Dispatcher dispatcher;

    /** That serve; and the one that starts it, until it has. */
    private final AtomicInteger threads = new AtomicInteger(1);

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean usesRings;

    /**
     * One to come.
     *
     * @param device of a mount that has been made
     */
    FuseSession(HostFile device, Vfs vfs, FuseOptions options) {
        this.device = device;
        this.wantsRings = options.rings();
        this.served = new Served(
                vfs,
                new AttributeFormat(vfs.volume().blockSize()),
                new KernelReferences(vfs),
                new OpenFiles(),
                new KernelCache(device));
        this.dispatcher = new Dispatcher(served, options.accessTimes() == AccessTimes.ALWAYS);
    }

    /** Agrees with the kernel, and serves from then on. */
    void start() throws IOException {
        negotiate();
        new DeviceQueue(this, device, dispatcher, later).addWorker();
        threadEnded();
    }

    private void negotiate() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            var request = new Request(arena.allocate(Worker.BUFFER_BYTES, Long.BYTES));
            var reply = new Reply(arena.allocate(Worker.BUFFER_BYTES, Long.BYTES));
            request.received(0, device.readNext(request.memory()));
            if (request.opcode() != Opcode.INIT) {
                throw new VfsException(Errno.EPROTO, "the first request is another").with("opcode", request.opcode());
            }
            reply.begin(request.unique());
            try {
                answer(Negotiation.read(request), reply);
            } catch (VfsException e) {
                reply.fail(e.errno());
                device.writeNext(reply.finish());
                throw e;
            }
        }
    }

    private void answer(Negotiation wanted, Reply reply) throws VfsException {
        Optional<Rings> rings =
                wantsRings && wanted.has(Negotiation.RINGS) ? Rings.open(this, dispatcher, device) : Optional.empty();
        try {
            (rings.isPresent() ? wanted : wanted.without(Negotiation.RINGS)).answer(reply);
            device.writeNext(reply.finish());
            usesRings = rings.isPresent();
        } finally {
            rings.ifPresent(opened -> opened.decide(usesRings));
        }
    }

    boolean usesRings() {
        return usesRings;
    }

    Served served() {
        return served;
    }

    /** A thread is started that serves, or may come to. */
    void threadStarts() {
        threads.incrementAndGet();
    }

    /** One of them is at its end; where it was the last, the mount is no more. */
    void threadEnded() {
        if (threads.decrementAndGet() == 0) {
            end();
        }
    }

    /** Gives back what the kernel has had. */
    private void end() {
        try {
            later.close();
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
