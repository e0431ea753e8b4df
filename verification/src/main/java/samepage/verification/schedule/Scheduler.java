package samepage.verification.schedule;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs logical threads one at a time, all on the thread that calls {@link #run}, and asks a {@link Strategy} who goes on at
 * each point where it matters. Time is its own: it moves on where a timed wait ends. Equal strategies give equal runs.
 */
final class Scheduler {
    /** Far more than a run that ends takes. */
    private static final int MAX_STEPS = 200_000;

    /** Timed waits that end one after the other while no thread of the program can go on: nothing will come of it. */
    private static final int MAX_IDLE_TIMERS = 200;

    /** How far the clock jumps at least where a timed wait ends: further than whatever is to be done after a while. */
    private static final long TIMER_NANOS = 6_000_000_000L;

    /** So long that what looks at the clock after each piece of work finds its time over after a few. */
    private static final long ASKING_NANOS = 200_000;

    private static final ThreadLocal<@Nullable Scheduler> HERE = new ThreadLocal<>();

    private final Strategy strategy;
    private final List<LogicalThread> threads = new ArrayList<>();
    private final List<LogicalThread> candidates = new ArrayList<>();
    private final IdentityHashMap<Object, Monitor> monitors = new IdentityHashMap<>();
    private final List<Arena> arenas = new ArrayList<>();
    private final @Nullable Trace trace;
    private @Nullable LogicalThread current;

    /** Who goes on in place of one that was preempted. */
    private @Nullable LogicalThread handed;

    private @Nullable Throwable failure;
    private boolean exploring;

    /** Somebody has been woken since the strategy was asked last. */
    private boolean woken;

    private int steps;
    private int events;
    private int switches;
    private int idleTimers;
    private long nowNanos = 1;

    /** @param trace where switches are noted; null where nobody wants to know */
    Scheduler(Strategy strategy, @Nullable Trace trace) {
        this.strategy = strategy;
        this.trace = trace;
    }

    /** The scheduler that runs the caller. */
    static Scheduler here() {
        Scheduler scheduler = HERE.get();
        if (scheduler == null) {
            throw new IllegalStateException("code under the scheduler is called outside of a run");
        }
        return scheduler;
    }

    /** Runs {@code main} and what it starts until it ends or something fails. */
    void run(Runnable main) {
        HERE.set(this);
        try {
            LogicalThread first = spawn("main", false, main);
            LogicalThread next = first;
            while (next != null) {
                resume(next);
                if (failure != null || first.done) {
                    return;
                }
                next = handed == null ? choose() : handed;
                handed = null;
            }
        } finally {
            HERE.remove();
            arenas.forEach(Scheduler::closeIfOpen);
        }
    }

    /** What made the run fail, or null. */
    @Nullable Throwable failure() {
        return failure;
    }

    /** Points passed at which another thread could have gone on. */
    int steps() {
        return steps;
    }

    int switches() {
        return switches;
    }

    LogicalThread spawn(String name, boolean daemon, Runnable action) {
        var thread = new LogicalThread(threads.size(), name, daemon, () -> live(action));
        threads.add(thread);
        return thread;
    }

    private void live(Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Ends the run. */
    void fail(Throwable why) {
        if (failure == null) {
            failure = why;
        }
    }

    private void resume(LogicalThread thread) {
        current = thread;
        if (trace != null) {
            trace.resumed(thread);
        }
        Continuations.run(thread.continuation);
        current = null;
        if (Continuations.isDone(thread.continuation)) {
            thread.done = true;
            wakeAll(thread.end);
        } else if (trace != null) {
            trace.stopped(thread, Continuations.stackTrace(thread.continuation));
        }
    }

    /** Who goes on after one has stopped; null where nobody can. */
    private @Nullable LogicalThread choose() {
        while (true) {
            LogicalThread next = strategyPick(null);
            if (next != null) {
                if (!next.daemon) {
                    idleTimers = 0;
                }
                return next;
            }
            if (++idleTimers > MAX_IDLE_TIMERS || !fireEarliestTimer()) {
                fail(new DeadlockError(deadlock()));
                return null;
            }
        }
    }

    private @Nullable LogicalThread strategyPick(@Nullable LogicalThread preempted) {
        candidates.clear();
        boolean timersToo = exploring && strategy.firesTimers();
        for (LogicalThread thread : threads) {
            if (thread != preempted && (thread.isRunnable() || (timersToo && !thread.done && thread.isTimed()))) {
                candidates.add(thread);
            }
        }
        if (candidates.isEmpty()) {
            return null;
        }
        boolean choice = exploring && candidates.size() > 1;
        LogicalThread next = choice ? strategy.pick(candidates, preempted) : candidates.getFirst();
        if (!next.isRunnable()) {
            if (candidates.stream().noneMatch(thread -> thread.isRunnable() && !thread.daemon)) {
                idleTimers++;
            }
            fireTimer(next);
        }
        return next;
    }

    private boolean fireEarliestTimer() {
        LogicalThread earliest = null;
        for (LogicalThread thread : threads) {
            if (!thread.done && thread.isTimed() && (earliest == null || thread.wakeNanos < earliest.wakeNanos)) {
                earliest = thread;
            }
        }
        if (earliest != null) {
            fireTimer(earliest);
        }
        return earliest != null;
    }

    private void fireTimer(LogicalThread thread) {
        nowNanos = Math.max(nowNanos + TIMER_NANOS, thread.wakeNanos);
        thread.timedOut = true;
        wake(thread);
    }

    private String deadlock() {
        var text = new StringBuilder("nobody can go on");
        for (LogicalThread thread : threads) {
            if (!thread.done && thread.waitsFor != null && !thread.daemon) {
                text.append("\n  ").append(thread).append(" waits for ").append(thread.waitsFor);
                for (StackTraceElement frame : Continuations.stackTrace(thread.continuation)) {
                    if (Trace.isOfTheProgram(frame)) {
                        text.append("\n      at ").append(frame);
                    }
                }
            }
        }
        return text.toString();
    }

    /** From now on until {@link #awaitAll} returns, the strategy decides. */
    void explore() {
        exploring = true;
        strategy.begin();
    }

    /** Waits for the threads, and ends the exploration. */
    void awaitAll(List<LogicalThread> awaited) {
        for (LogicalThread thread : awaited) {
            while (!thread.done) {
                block(thread.end);
            }
        }
        exploring = false;
    }

    /** Here another thread could go on. */
    void yieldPoint() {
        LogicalThread self = current;
        if (!exploring || self == null) {
            return;
        }
        if (++steps > MAX_STEPS) {
            fail(new DeadlockError("the run does not end"));
            var _ = Continuations.suspend();
        }
        if (strategy.preempts(steps)) {
            preempt(self);
        } else if (woken) {
            woken = false;
            if (strategy.followsWakeups()) {
                reconsider(self);
            }
        }
    }

    /** Somebody can go on since the last time: maybe before the caller. */
    private void reconsider(LogicalThread self) {
        candidates.clear();
        for (LogicalThread thread : threads) {
            if (thread.isRunnable()) {
                candidates.add(thread);
            }
        }
        LogicalThread next = strategy.pick(candidates, null);
        if (next != self) {
            handOver(next);
        }
    }

    /** The caller can do nothing but ask again: others go first. */
    void spin() {
        LogicalThread self = current();
        steps++;
        strategy.spins(self);
        if (steps > MAX_STEPS) {
            fail(new DeadlockError("the run does not end"));
        }
        preempt(self);
    }

    private void preempt(LogicalThread self) {
        LogicalThread next = strategyPick(self);
        if (next != null) {
            handOver(next);
        }
    }

    private void handOver(LogicalThread next) {
        switches++;
        handed = next;
        if (!Continuations.suspend()) {
            handed = null;
        }
    }

    /** Waits to be woken. The caller looks again whether what it waits for has come. */
    void block(WaitQueue queue) {
        blockUntil(queue, Long.MAX_VALUE);
    }

    /** Waits to be woken, or until that time; false where the time has come. */
    boolean blockUntil(WaitQueue queue, long wakeNanos) {
        LogicalThread self = current();
        self.waitsFor = queue;
        self.wakeNanos = wakeNanos;
        self.timedOut = false;
        queue.waiting.add(self);
        switches++;
        if (!Continuations.suspend()) {
            throw new IllegalStateException(self + " waits for " + queue + " where it cannot be switched");
        }
        return !self.timedOut;
    }

    void wakeAll(WaitQueue queue) {
        while (!queue.waiting.isEmpty()) {
            wake(queue.waiting.getFirst());
        }
    }

    void wakeOne(WaitQueue queue) {
        if (!queue.waiting.isEmpty()) {
            wake(queue.waiting.getFirst());
        }
    }

    private void wake(LogicalThread thread) {
        WaitQueue queue = thread.waitsFor;
        if (queue != null) {
            woken = true;
            queue.waiting.remove(thread);
            thread.waitsFor = null;
            thread.wakeNanos = Long.MAX_VALUE;
        }
    }

    LogicalThread current() {
        LogicalThread self = current;
        if (self == null) {
            throw new IllegalStateException("called outside of a logical thread");
        }
        return self;
    }

    /** A number for each thing that a history tells of, in their order. */
    int nextEvent() {
        return events++;
    }

    /** The time, which it takes some to ask for. */
    long nanoTime() {
        nowNanos += ASKING_NANOS;
        return nowNanos;
    }

    boolean prefersWriters() {
        return strategy.prefersWriters();
    }

    Monitor monitor(Object of) {
        return monitors.computeIfAbsent(of, Monitor::new);
    }

    Arena track(Arena arena) {
        arenas.add(arena);
        return arena;
    }

    private static void closeIfOpen(Arena arena) {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
