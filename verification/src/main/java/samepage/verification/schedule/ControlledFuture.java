package samepage.verification.schedule;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Takes the place of {@link java.util.concurrent.CompletableFuture}. */
public final class ControlledFuture<T> implements Future<T> {
    private final WaitQueue completion = new WaitQueue("a future");
    private boolean done;
    private @Nullable T value;
    private @Nullable Throwable failure;
    private int completedAt;

    public ControlledFuture() {}

    public static <T> ControlledFuture<T> completedFuture(T value) {
        var future = new ControlledFuture<T>();
        future.complete(value);
        return future;
    }

    public boolean complete(@Nullable T result) {
        return end(result, null);
    }

    public boolean completeExceptionally(Throwable why) {
        return end(null, why);
    }

    private boolean end(@Nullable T result, @Nullable Throwable why) {
        if (done) {
            return false;
        }
        Scheduler scheduler = Scheduler.here();
        done = true;
        value = result;
        failure = why;
        completedAt = scheduler.nextEvent();
        scheduler.wakeAll(completion);
        return true;
    }

    /** When it completed, as a history counts. */
    int completedAt() {
        return completedAt;
    }

    @Override
    @SuppressWarnings("NullAway") // a future of nothing gives null
    public T get() throws ExecutionException {
        while (!done) {
            Scheduler.here().block(completion);
        }
        if (failure != null) {
            throw new ExecutionException(failure);
        }
        return value;
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws ExecutionException {
        return get();
    }

    public T join() {
        try {
            return get();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
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
        Scheduler.here().yieldPoint();
        return done;
    }
}
