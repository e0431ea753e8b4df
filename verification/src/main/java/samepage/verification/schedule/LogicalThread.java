package samepage.verification.schedule;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** A thread of a run: it goes on only when the scheduler says so. */
final class LogicalThread {
    final int id;
    final String name;

    /** The run may end without it: the cache's and the volume's own threads. */
    final boolean daemon;

    final Object continuation;
    final WaitQueue end;
    final IdentityHashMap<Object, Object> locals = new IdentityHashMap<>();
    boolean done;
    boolean interrupted;

    /** What it waits for; null while it can go on. */
    @Nullable WaitQueue waitsFor;

    /** When it stops waiting; Long.MAX_VALUE where it does not. */
    long wakeNanos = Long.MAX_VALUE;

    boolean timedOut;

    LogicalThread(int id, String name, boolean daemon, Runnable action) {
        this.id = id;
        this.name = name;
        this.daemon = daemon;
        this.continuation = Continuations.make(action);
        this.end = new WaitQueue("the end of " + name);
    }

    boolean isRunnable() {
        return !done && waitsFor == null;
    }

    boolean isTimed() {
        return waitsFor != null && wakeNanos != Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        return name;
    }
}
