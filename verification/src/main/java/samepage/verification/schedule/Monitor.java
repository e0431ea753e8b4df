package samepage.verification.schedule;

import org.jspecify.annotations.Nullable;

/** What the JVM has for each object: a lock that its owner may take again, and those who wait to be notified. */
final class Monitor {
    private final WaitQueue entering;
    private final WaitQueue waiting;
    private @Nullable LogicalThread owner;
    private int holds;

    Monitor(Object of) {
        this.entering = new WaitQueue(of.getClass().getSimpleName() + "'s monitor");
        this.waiting = new WaitQueue("a notification of " + of.getClass().getSimpleName());
    }

    void enter(Scheduler scheduler) {
        LogicalThread self = scheduler.current();
        while (owner != null && owner != self) {
            scheduler.block(entering);
        }
        owner = self;
        holds++;
    }

    void exit(Scheduler scheduler) {
        if (owner != scheduler.current()) {
            // Not thrown: the compiler's own handler would exit again, for ever.
            scheduler.fail(new IllegalMonitorStateException(entering.toString()));
            return;
        }
        if (--holds == 0) {
            owner = null;
            scheduler.wakeAll(entering);
        }
    }

    /** @param wakeNanos when it ends without a notification; Long.MAX_VALUE for never */
    void await(Scheduler scheduler, long wakeNanos) {
        checkOwned(scheduler);
        LogicalThread self = scheduler.current();
        int held = holds;
        holds = 0;
        owner = null;
        scheduler.wakeAll(entering);
        scheduler.blockUntil(waiting, wakeNanos);
        while (owner != null) {
            scheduler.block(entering);
        }
        owner = self;
        holds = held;
    }

    void notifyOne(Scheduler scheduler) {
        checkOwned(scheduler);
        scheduler.wakeOne(waiting);
    }

    void notifyEveryone(Scheduler scheduler) {
        checkOwned(scheduler);
        scheduler.wakeAll(waiting);
    }

    private void checkOwned(Scheduler scheduler) {
        if (owner != scheduler.current()) {
            throw new IllegalMonitorStateException(entering.toString());
        }
    }
}
