package samepage.linux.fuse;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What becomes of failures: the program that asked is told a number, and where that is no answer the log says more. */
final class Failures {
    private static final int MOST_LINES_A_MINUTE = 100;
    private static final long NANOS_OF_A_MINUTE = 60_000_000_000L;
    private static final AtomicLong MINUTE = new AtomicLong(-1);
    private static final AtomicInteger LINES = new AtomicInteger();

    private Failures() {}

    /** Something that may fail; gives whether there is an answer to send. */
    interface Serving {
        boolean run() throws IOException;
    }

    /** Something that may fail. */
    interface Action {
        void run() throws IOException;
    }

    /** Serves; a failure becomes the answer. */
    static boolean turnIntoReplies(Reply reply, Serving serving) {
        try {
            return serving.run();
        } catch (VfsException refused) {
            reply.fail(refused.errno());
            if (refused.errno() == Errno.EIO || refused.errno() == Errno.EUCLEAN) {
                log(refused);
            }
        } catch (IOException failed) {
            reply.fail(Errno.EIO);
            log(failed);
        } catch (OutOfMemoryError exhausted) {
            reply.fail(Errno.ENOMEM);
            log(exhausted);
        } catch (RuntimeException | Error mistake) {
            reply.fail(Errno.EIO);
            log(mistake);
            mistake.printStackTrace();
        }
        return true;
    }

    /** Sends; that nobody waits for the answer any more is no failure. */
    static void ofSending(Action sending) {
        try {
            sending.run();
        } catch (VfsException refused) {
            switch (refused.errno()) {
                case ENOENT, ENODEV, ENOTCONN, ECONNABORTED -> {}
                default -> log(refused);
            }
        } catch (IOException failed) {
            log(failed);
        }
    }

    /** At most so many lines a minute: the log is no place for each of a million reads of a bad block. */
    static void log(Throwable failure) {
        long minute = System.nanoTime() / NANOS_OF_A_MINUTE;
        if (MINUTE.getAndSet(minute) != minute) {
            LINES.set(0);
        }
        if (LINES.incrementAndGet() <= MOST_LINES_A_MINUTE) {
            print(failure);
        }
    }

    private static void print(Throwable failure) {
        System.err.println("samepage: " + (failure instanceof IOException ? failure.getMessage() : failure));
    }
}
