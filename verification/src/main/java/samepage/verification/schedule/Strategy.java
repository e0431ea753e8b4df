package samepage.verification.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who goes on, and when. Decides the same each time that it is asked the same. */
interface Strategy {
    /** The program begins. */
    default void begin() {}

    /** True where at this step, counted from 1, another thread is to go on. */
    boolean preempts(int step);

    /**
     * One of {@code candidates}, in the order in which they were started.
     *
     * @param preempted who has to wait although it could go on; null where the last one cannot
     */
    LogicalThread pick(List<LogicalThread> candidates, @Nullable LogicalThread preempted);

    /** Whether this time those are candidates too whose wait has an end: their time comes. */
    default boolean firesTimers() {
        return false;
    }

    /** Whether it wants to be asked where a thread can go on again. */
    default boolean followsWakeups() {
        return false;
    }

    /** The thread asks again and again: to let it go on at once would lead nowhere. */
    default void spins(LogicalThread thread) {}

    /** Whether a reader waits for a writer that waits: a real lock does now and then. */
    default boolean prefersWriters() {
        return false;
    }
}
