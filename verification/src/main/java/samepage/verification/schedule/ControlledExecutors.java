package samepage.verification.schedule;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes the place of {@link java.util.concurrent.Executors}. */
public final class ControlledExecutors {
    private ControlledExecutors() {}

    public static ScheduledExecutorService newSingleThreadScheduledExecutor(ThreadFactory factory) {
        return new OneThread(nameOf(factory));
    }

    public static ExecutorService newVirtualThreadPerTaskExecutor() {
        return new ThreadPerTask("virtual");
    }

    public static ExecutorService newThreadPerTaskExecutor(ThreadFactory factory) {
        return new ThreadPerTask(nameOf(factory));
    }

    private static String nameOf(ThreadFactory factory) {
        return factory instanceof ControlledThread.Named named ? named.name() : "executor";
    }

    /** What both have in common: nothing here parks a real thread. */
    private abstract static class Base extends AbstractExecutorService {
        @Override
        public <T> Future<T> submit(Callable<T> task) {
            var future = new ControlledFuture<T>();
            execute(() -> {
                try {
                    future.complete(task.call());
                } catch (Exception | AssertionError e) {
                    future.completeExceptionally(e);
                }
            });
            return future;
        }

        @Override
        public Future<?> submit(Runnable task) {
            return submit(() -> {
                task.run();
                return null;
            });
        }

        @Override
        public List<Runnable> shutdownNow() {
            throw new UnsupportedOperationException("nothing in core calls this");
        }

        @Override
        public void close() {
            shutdown();
            awaitTermination(0, TimeUnit.NANOSECONDS);
        }

        @Override
        public abstract boolean awaitTermination(long timeout, TimeUnit unit);
    }

    private static final class ThreadPerTask extends Base {
        private final String name;
        private final WaitQueue idle = new WaitQueue("the last task");
        private boolean shut;
        private int running;

        ThreadPerTask(String name) {
            this.name = name;
        }

        @Override
        public void execute(Runnable task) {
            if (shut) {
                throw new RejectedExecutionException();
            }
            running++;
            Scheduler.here().spawn(name, false, () -> {
                task.run();
                running--;
                Scheduler.here().wakeAll(idle);
            });
        }

        @Override
        public void shutdown() {
            shut = true;
        }

        @Override
        public boolean isShutdown() {
            return shut;
        }

        @Override
        public boolean isTerminated() {
            return shut && running == 0;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            while (running > 0) {
                Scheduler.here().block(idle);
            }
            return true;
        }
    }

    private static final class OneThread extends Base implements ScheduledExecutorService {
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final PriorityQueue<Repeated> repeated = new PriorityQueue<>();
        private final WaitQueue work = new WaitQueue("something to do");
        private final LogicalThread thread;
        private boolean shut;

        private record Repeated(Runnable task, long atNanos, long everyNanos) implements Comparable<Repeated> {
            @Override
            public int compareTo(Repeated other) {
                return Long.compare(atNanos, other.atNanos);
            }
        }

        OneThread(String name) {
            thread = Scheduler.here().spawn(name, true, this::work);
        }

        private void work() {
            Scheduler scheduler = Scheduler.here();
            while (true) {
                Runnable task = tasks.poll();
                Repeated next = repeated.peek();
                if (task != null) {
                    task.run();
                } else if (shut) {
                    return;
                } else if (next != null && next.atNanos <= scheduler.nanoTime()) {
                    repeated.poll();
                    next.task.run();
                    repeated.add(new Repeated(next.task, scheduler.nanoTime() + next.everyNanos, next.everyNanos));
                } else {
                    scheduler.blockUntil(work, next == null ? Long.MAX_VALUE : next.atNanos);
                }
            }
        }

        @Override
        public void execute(Runnable task) {
            if (shut) {
                throw new RejectedExecutionException();
            }
            Scheduler scheduler = Scheduler.here();
            scheduler.yieldPoint();
            tasks.add(task);
            scheduler.wakeAll(work);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initial, long delay, TimeUnit unit) {
            Scheduler scheduler = Scheduler.here();
            repeated.add(new Repeated(task, scheduler.nanoTime() + unit.toNanos(initial), unit.toNanos(delay)));
            scheduler.wakeAll(work);
            return new NeverCancelled();
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long initial, long period, TimeUnit unit) {
            return scheduleWithFixedDelay(task, initial, period, unit);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException("nothing in core calls this");
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException("nothing in core calls this");
        }

        @Override
        public void shutdown() {
            shut = true;
            Scheduler.here().wakeAll(work);
        }

        @Override
        public boolean isShutdown() {
            return shut;
        }

        @Override
        public boolean isTerminated() {
            return thread.done;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            while (!thread.done) {
                Scheduler.here().block(thread.end);
            }
            return true;
        }
    }

    private static final class NeverCancelled implements ScheduledFuture<@Nullable Void> {
        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(java.util.concurrent.Delayed other) {
            return 0;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            return false;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public boolean isDone() {
            return false;
        }

        @Override
        public @Nullable Void get() {
            throw new UnsupportedOperationException("nothing in core calls this");
        }

        @Override
        public @Nullable Void get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException("nothing in core calls this");
        }
    }
}
