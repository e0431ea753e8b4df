package samepage.linux.fuse;

import java.lang.foreign.Arena;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import samepage.linux.syscall.HostFile;

/** Answers requests from threads of its own: what workers must not wait for (U4). */
final class Later implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("samepage-fuse-later-", 0).factory());

    /**
     * Has a request answered, whose buffer is used for others by then.
     *
     * @param device where the request came from
     * @param replyBytes room for the answer
     */
    void answer(HostFile device, long unique, int replyBytes, SlowAnswers.Work work) {
        threads.execute(() -> {
            try (Arena arena = Arena.ofConfined()) {
                var reply = new Reply(arena.allocate(Reply.HEADER_BYTES + (long) replyBytes, Long.BYTES));
                reply.begin(unique);
                var _ = Failures.turnIntoReplies(reply, () -> {
                    work.answer(reply);
                    return true;
                });
                Failures.ofSending(() -> device.writeNext(reply.finish()));
            }
        });
    }

    /** Waits for what has been begun. */
    @Override
    public void close() {
        threads.close();
    }
}
