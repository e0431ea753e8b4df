package samepage.linux.fuse;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.CommandRing;
import samepage.linux.syscall.HostProcess;

/**
 * One thread that serves the requests of one processor's programs, one after the other: it gives an answer and has the next request by
 * one system call. The fields of its commands (struct fuse_uring_cmd_req): flags u64, number of the request u64, queue u16.
 */
final class RingWorker implements Runnable {
    private static final int REGISTER = 1;
    private static final int ANSWER_AND_FETCH = 2;
    private static final int NUMBER = 8;
    private static final int QUEUE = 16;
    private static final int PARTS = 2;
    private static final int REQUESTS_IN_ONE_CALL = 1000;

    private final RingQueue queue;
    private final Rings rings;
    private final boolean isFirst;

    /** @param isFirst of its queue */
    RingWorker(RingQueue queue, Rings rings, boolean isFirst) {
        this.queue = queue;
        this.rings = rings;
        this.isFirst = isFirst;
    }

    @Override
    public void run() {
        try (Arena arena = Arena.ofConfined()) {
            run(arena);
        } finally {
            queue.workerEnded();
        }
    }

    private void run(Arena arena) {
        CommandRing ring;
        RingEntry entry;
        try {
            if (isFirst && rings.isOnline(queue.processor())) {
                HostProcess.runOn(queue.processor(), () -> {}); // as later ones must be able to
            }
            entry = new RingEntry(arena);
            ring = CommandRing.open();
        } catch (IOException | OutOfMemoryError e) {
            rings.hasNotOpened();
            return;
        }
        try (ring) {
            if (rings.hasOpened()) {
                serve(ring, entry);
            }
        } catch (VfsException e) {
            Failures.log(e);
        }
    }

    private void serve(CommandRing ring, RingEntry entry) throws VfsException {
        SlowAnswers slowly = (_, work) -> {
            answer(entry, work);
            return true;
        };
        ring.setMemory(entry.vectors(), PARTS);
        ring.fields().set(ValueLayout.JAVA_SHORT, QUEUE, (short) queue.processor());
        ring.submit(rings.device(), REGISTER);
        if (!isFirst) {
            fetchWhatWaits();
        }
        boolean goesOn = isRequest(ring.await());
        while (goesOn) {
            goesOn = serveSome(ring, entry, slowly);
        }
    }

    /**
     * What came while no worker of the queue was idle is only given to one that has answered something, and the others may be waiting
     * for just that (U4). So there must be something to answer.
     */
    private void fetchWhatWaits() {
        Long ino = rings.waitedFor().peek();
        if (ino != null) {
            try {
                HostProcess.runOn(queue.processor(), () -> rings.kernelCache().askForARequest(ino));
            } catch (IOException e) {
                Failures.log(e);
            }
        }
    }

    /** As {@link Worker}'s. */
    private boolean serveSome(CommandRing ring, RingEntry entry, SlowAnswers slowly) throws VfsException {
        Request request = entry.request();
        Reply reply = entry.reply();
        for (int i = 0; i < REQUESTS_IN_ONE_CALL; i++) {
            queue.isBusy();
            reply.begin(entry.number());
            var _ = Failures.turnIntoReplies(reply, () -> {
                entry.received();
                return rings.dispatcher().serve(request, reply, slowly);
            });
            entry.answered();
            ring.fields().set(ValueLayout.JAVA_LONG, NUMBER, entry.number());
            queue.isIdle();
            if (!isRequest(ring.execute(rings.device(), ANSWER_AND_FETCH))) {
                return false;
            }
        }
        return true;
    }

    /** At once, as others serve what the kernel asks meanwhile. */
    private void answer(RingEntry entry, SlowAnswers.Work work) throws IOException {
        Long ino = entry.request().node();
        rings.waitedFor().add(ino);
        queue.waits();
        try {
            work.answer(entry.reply());
        } finally {
            queue.hasWaited();
            rings.waitedFor().remove(ino);
        }
    }

    private static boolean isRequest(int result) throws VfsException {
        if (result == 0) {
            return true;
        }
        Errno errno = Errno.of(-result);
        return switch (errno) {
            case ENODEV, ENOTCONN, ECONNABORTED, ECANCELED -> false;
            default -> throw new VfsException(errno, "the kernel gives no more requests by io_uring");
        };
    }
}
