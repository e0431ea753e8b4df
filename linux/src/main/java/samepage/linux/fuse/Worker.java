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

    private final FuseSession session;
    private final Dispatcher dispatcher;
    private final HostFile device;

    Worker(FuseSession session, Dispatcher dispatcher, HostFile device) {
        this.session = session;
        this.dispatcher = dispatcher;
        this.device = device;
    }

    @Override
    public void run() {
        try (Arena arena = Arena.ofConfined()) {
            var request = new Request(arena.allocate(BUFFER_BYTES, ALIGNMENT));
            var reply = new Reply(arena.allocate(BUFFER_BYTES, ALIGNMENT));
            boolean goesOn = true;
            while (goesOn) {
                goesOn = serveSome(request, reply);
            }
        } finally {
            session.workerEnded(device);
        }
    }

    /**
     * False where there will be no request any more. Returns now and then, for the JVM: a loop without an end goes on in code
     * that has been replaced, which calls its methods interpreted, so that they are compiled again and again.
     */
    private boolean serveSome(Request request, Reply reply) {
        for (int i = 0; i < REQUESTS_IN_ONE_CALL; i++) {
            if (!receive(request)) {
                return false;
            }
            serve(request, reply);
        }
        return true;
    }

    /** Waits for a request; false where there will be none any more. */
    private boolean receive(Request request) {
        session.isIdle();
        while (true) {
            try {
                request.received(device.readNext(request.memory()));
                session.isBusy();
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

    private void serve(Request request, Reply reply) {
        reply.begin(request.unique());
        if (Failures.turnIntoReplies(reply, () -> dispatcher.serve(request, reply, device))) {
            Failures.ofSending(() -> device.writeNext(reply.finish()));
        }
    }
}
