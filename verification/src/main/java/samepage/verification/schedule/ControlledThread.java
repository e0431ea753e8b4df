package samepage.verification.schedule;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Takes the place of {@link Thread}. */
public final class ControlledThread {
    private final LogicalThread thread;

    private ControlledThread(LogicalThread thread) {
        this.thread = thread;
    }

    public static ControlledThread currentThread() {
        return new ControlledThread(Scheduler.here().current());
    }

    public static boolean interrupted() {
        LogicalThread self = Scheduler.here().current();
        boolean was = self.interrupted;
        self.interrupted = false;
        return was;
    }

    public static void onSpinWait() {
        Scheduler.here().spin();
    }

    /** Asks for nothing that the scheduler does not do anyway: it switches wherever another thread could see the difference. */
    @SuppressWarnings("NamedLikeContextualKeyword") // as Thread has it
    public static void yield() {}

    public static void sleep(long millis) {
        sleep(Duration.ofMillis(millis));
    }

    public static void sleep(Duration duration) {
        Scheduler scheduler = Scheduler.here();
        scheduler.blockUntil(new WaitQueue("its alarm"), scheduler.nanoTime() + duration.toNanos());
    }

    public static Builder.OfPlatform ofPlatform() {
        return new Starting();
    }

    public static Builder.OfVirtual ofVirtual() {
        return new StartingVirtual();
    }

    public void interrupt() {
        thread.interrupted = true;
    }

    public boolean isInterrupted() {
        return thread.interrupted;
    }

    public String getName() {
        return thread.name;
    }

    public boolean isAlive() {
        return !thread.done;
    }

    public void join() {
        while (!thread.done) {
            Scheduler.here().block(thread.end);
        }
    }

    /** Takes the place of {@link Thread.Builder}. */
    public interface Builder {
        /** Takes the place of {@link Thread.Builder.OfPlatform}. */
        interface OfPlatform extends Builder {
            OfPlatform daemon();

            OfPlatform name(String name);

            OfPlatform name(String prefix, long start);

            ControlledThread start(Runnable action);

            ThreadFactory factory();
        }

        /** Takes the place of {@link Thread.Builder.OfVirtual}. */
        interface OfVirtual extends Builder {
            OfVirtual name(String name);

            ControlledThread start(Runnable action);
        }
    }

    private static final class StartingVirtual implements Builder.OfVirtual {
        private String name = "virtual";

        @Override
        public OfVirtual name(String name) {
            this.name = name;
            return this;
        }

        @Override
        public ControlledThread start(Runnable action) {
            return new ControlledThread(Scheduler.here().spawn(name, false, action));
        }
    }

    private static final class Starting implements Builder.OfPlatform {
        private String name = "thread";
        private boolean daemon;

        @Override
        public OfPlatform daemon() {
            daemon = true;
            return this;
        }

        @Override
        public OfPlatform name(String name) {
            this.name = name;
            return this;
        }

        @Override
        public OfPlatform name(String prefix, long start) {
            return name(prefix + start);
        }

        @Override
        public ControlledThread start(Runnable action) {
            return new ControlledThread(Scheduler.here().spawn(name, daemon, action));
        }

        @Override
        public ThreadFactory factory() {
            return new Named(name);
        }
    }

    /** Tells an executor of ours how its threads are called, and makes none. */
    record Named(String name) implements ThreadFactory {
        @Override
        public @Nullable Thread newThread(Runnable action) {
            throw new UnsupportedOperationException("nothing in core calls this");
        }
    }
}
