package samepage.linux.fuse;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What becomes of failures: the program that asked is told a number, and where that is no answer the log says more. */
final class Failures {
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

    static void log(Throwable failure) {
        System.err.println("samepage: " + (failure instanceof IOException ? failure.getMessage() : failure));
    }
}
