package samepage.verification.schedule;

import java.util.IdentityHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes the place of {@link ThreadLocal}: a value for each logical thread. */
public final class ControlledThreadLocal<T> {
    private final @Nullable Supplier<? extends T> initial;

    public ControlledThreadLocal() {
        this.initial = null;
    }

    private ControlledThreadLocal(Supplier<? extends T> initial) {
        this.initial = initial;
    }

    public static <T> ControlledThreadLocal<T> withInitial(Supplier<? extends T> initial) {
        return new ControlledThreadLocal<>(initial);
    }

    @SuppressWarnings("unchecked") // only set puts it
    public @Nullable T get() {
        IdentityHashMap<Object, Object> locals = Scheduler.here().current().locals;
        var value = (T) locals.get(this);
        if (value == null && initial != null) {
            value = initial.get();
            locals.put(this, value);
        }
        return value;
    }

    public void set(T value) {
        Scheduler.here().current().locals.put(this, value);
    }

    public void remove() {
        Scheduler.here().current().locals.remove(this);
    }
}
