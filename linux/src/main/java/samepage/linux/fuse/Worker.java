package samepage.linux.fuse;

import java.lang.foreign.Arena;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;

/** One thread that serves requests, one after the other, through a device descriptor and buffers of its own. */
final class Worker implements Runnable {
    /** A request's header and fields come before its content. */
    static final int BUFFER_BYTES = Negotiation.MAX_WRITE_BYTES + 4096;

    /** Content lies on a boundary in the buffer, as far as the protocol allows: 80 bytes of header and fields come first. */
    private static final int ALIGNMENT = 4096;

    private static final int REQUESTS_IN_ONE_CALL = 1000;

    private final DeviceQueue queue;
    private final HostFile device;
    private final Dispatcher dispatcher;
    private final Later later;

    Worker(DeviceQueue queue, HostFile device, Dispatcher dispatcher, Later later) {
        this.queue = queue;
        this.device = device;
        this.dispatcher = dispatcher;
        this.later = later;
    }

    @Override
    public void run() {
        try (Arena arena = Arena.ofConfined()) {
            var request = new Request(arena.allocate(BUFFER_BYTES, ALIGNMENT));
            var reply = new Reply(arena.allocate(BUFFER_BYTES, ALIGNMENT));
            SlowAnswers slowly = (replyBytes, work) -> {
                later.answer(device, request.unique(), replyBytes, work);
                return false;
            };
            boolean goesOn = true;
            while (goesOn) {
                goesOn = serveSome(request, reply, slowly);
            }
        } finally {
            queue.workerEnded(device);
        }
    }

    /**
     * False where there will be no request any more. Returns now and then, for the JVM: a loop without an end goes on in code
     * that has been replaced, which calls its methods interpreted, so that they are compiled again and again.
     */
    private boolean serveSome(Request request, Reply reply, SlowAnswers slowly) {
        for (int i = 0; i < REQUESTS_IN_ONE_CALL; i++) {
            if (!receive(request)) {
                return false;
            }
            reply.begin(request.unique());
            if (Failures.turnIntoReplies(reply, () -> dispatcher.serve(request, reply, slowly))) {
                Failures.ofSending(() -> device.writeNext(reply.finish()));
            }
        }
        return true;
    }

    /** Waits for a request; false where there will be none any more. */
    private boolean receive(Request request) {
        queue.isIdle();
        while (true) {
            try {
                request.received(0, device.readNext(request.memory()));
                queue.isBusy();
                return true;
            } catch (VfsException e) {
                switch (e.errno()) {
                    case ENOENT, EINTR, EAGAIN -> {} // the request was withdrawn
                    case ENODEV, ENOTCONN, ECONNABORTED -> {
                        return false;
                    }
                    default -> {
                        Failures.log(e);
                        return false;
                    }
                }
            }
        }
    }
}
