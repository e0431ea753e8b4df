package samepage.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Ctrl-C, and what else ends a program in good order. The JVM answers such a signal by its shutdown, with the exit status that belongs
 * to it (130 for Ctrl-C); the shutdown waits here until the command has noticed, closed its volume and ended.
 */
final class Interruption {
    private static final CountDownLatch ENDED = new CountDownLatch(1);

    private static final long SLEEP_NANOS = 50_000_000;

    private static volatile boolean requested;
    private static volatile Runnable onRequest = () -> {};

    private Interruption() {}

    /** From now on, signals let the command end. */
    static void install() {
        Runtime.getRuntime().addShutdownHook(new Thread(Interruption::awaitEnd, "samepage-interruption"));
    }

    /** What a command does that waits for something else, and so would never notice. */
    static void whenRequested(Runnable action) {
        onRequest = action;
        if (requested) {
            action.run();
        }
    }

    /** This command has nothing to end in order. */
    static void endAtOnce() {
        ended();
    }

    /** The command has ended, whatever its volume was doing is done. */
    static void ended() {
        ENDED.countDown();
    }

    static boolean isRequested() {
        return requested;
    }

    /** Does nothing for that time, or until a signal ends it: then it is {@link Interrupted}. */
    static void sleep(Duration time) {
        var until = System.nanoTime() + time.toNanos();
        while (until - System.nanoTime() > 0) {
            check();
            LockSupport.parkNanos(Math.min(SLEEP_NANOS, until - System.nanoTime()));
        }
        check();
    }

    /** Long work calls this wherever it can stop. */
    static void check() {
        if (requested) {
            throw new Interrupted();
        }
    }

    /** Nothing but the command's end ends this wait. */
    private static void awaitEnd() {
        requested = true;
        if (ENDED.getCount() > 0) {
            onRequest.run();
        }
        while (ENDED.getCount() > 0) {
            try {
                ENDED.await();
            } catch (InterruptedException e) {
                requested = true;
            }
        }
    }
}
