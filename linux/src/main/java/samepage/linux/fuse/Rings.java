package samepage.linux.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import samepage.linux.syscall.HostFile;

/**
 * The queues of a mount whose requests come by io_uring, where the kernel offers that (Linux 6.14 and newer, once its administrator has
 * switched it on): one for each processor, so that a program and the worker that serves it take turns on one, with one system call a
 * request. What has no answer, that something is forgotten for one, still comes by the device.
 *
 * <p>Once this is accepted, the kernel holds all requests back until each queue has a worker. So all open their rings first, and wait
 * for what is decided then.
 */
final class Rings {
    private static final int MOST_QUEUES = 256;

    private final FuseSession session;
    private final Dispatcher dispatcher;
    private final HostFile device;
    private final BitSet online;
    private final CountDownLatch toOpen;
    private final CompletableFuture<Boolean> accepted = new CompletableFuture<>();
    private volatile boolean allOpened = true;

    /** The regular files whose pages workers wait for, one for each that does (U4). */
    private final Queue<Long> waitedFor = new ConcurrentLinkedQueue<>();

    private Rings(FuseSession session, Dispatcher dispatcher, HostFile device, BitSet online, int queues) {
        this.session = session;
        this.dispatcher = dispatcher;
        this.device = device;
        this.online = online;
        this.toOpen = new CountDownLatch(queues);
        IntStream.range(0, queues)
                .mapToObj(processor -> new RingQueue(this, processor))
                .forEach(RingQueue::addWorker);
    }

    /** All opened, to be {@link #decide decided} on; empty where this host has none for us. */
    static Optional<Rings> open(FuseSession session, Dispatcher dispatcher, HostFile device) {
        BitSet possible = processors("possible");
        if (possible.isEmpty() || possible.length() > MOST_QUEUES) {
            return Optional.empty();
        }
        var rings = new Rings(session, dispatcher, device, processors("online"), possible.cardinality());
        if (rings.areOpened()) {
            return Optional.of(rings);
        }
        rings.decide(false);
        return Optional.empty();
    }

    /** As the kernel says them: ranges, such as 0-3,8. None where it does not. */
    private static BitSet processors(String which) {
        var processors = new BitSet();
        try {
            String ranges = Files.readString(Path.of("/sys/devices/system/cpu", which));
            for (String range : ranges.strip().split(",", -1)) {
                String[] ends = range.split("-", -1);
                processors.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        } catch (IOException | NumberFormatException e) {
            processors.clear();
        }
        return processors;
    }

    private boolean areOpened() {
        try {
            toOpen.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return allOpened;
    }

    /** Whether the kernel has been told that they are used. */
    void decide(boolean isAccepted) {
        accepted.complete(isAccepted);
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    HostFile device() {
        return device;
    }

    KernelCache kernelCache() {
        return session.served().kernelCache();
    }

    Queue<Long> waitedFor() {
        return waitedFor;
    }

    boolean isOnline(int processor) {
        return online.get(processor);
    }

    /** A worker has its ring; waits for the decision, and says whether to serve. */
    boolean hasOpened() {
        toOpen.countDown();
        return accepted.join();
    }

    /** A worker has got no ring. */
    void hasNotOpened() {
        allOpened = false;
        toOpen.countDown();
    }

    void threadStarts() {
        session.threadStarts();
    }

    void threadEnded() {
        session.threadEnded();
    }
}
