package samepage.verification.schedule;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Always the thread of the highest priority; priorities are drawn by lot, and at a few steps, drawn too, the running thread
 * gets the lowest of all: probabilistic concurrency testing (Burckhardt and others, 2010). Finds a bug that needs {@code d}
 * such steps among {@code n} threads and {@code k} steps with a chance of at least 1/(n·k^(d-1)).
 */
final class Priorities implements Strategy {
    /** For ever followed, background writeback could take each window away before a store goes through it. */
    private static final int MAX_WAKEUPS = 40;

    private final long seed;
    private final RandomGenerator random;
    private final Set<Integer> changes = new TreeSet<>();
    private final Map<LogicalThread, Integer> priorities = new HashMap<>();
    private final boolean firesTimers;
    private final boolean prefersWriters;
    private int lowest;
    private int wakeupsToFollow = MAX_WAKEUPS;

    /**
     * What {@code random} will give.
     *
     * @param seed names it
     * @param expectedSteps how long a run is, about
     */
    Priorities(long seed, RandomGenerator random, int changeCount, int expectedSteps) {
        this.seed = seed;
        this.random = random;
        this.firesTimers = random.nextInt(4) == 0;
        this.prefersWriters = random.nextBoolean();
        for (int i = 0; i < changeCount; i++) {
            changes.add(1 + random.nextInt(expectedSteps));
        }
    }

    @Override
    public boolean preempts(int step) {
        return changes.contains(step);
    }

    @Override
    public LogicalThread pick(List<LogicalThread> candidates, @Nullable LogicalThread preempted) {
        if (preempted != null) {
            priorities.put(preempted, --lowest);
        }
        LogicalThread highest = candidates.getFirst();
        for (LogicalThread candidate : candidates) {
            if (priority(candidate) > priority(highest)) {
                highest = candidate;
            }
        }
        return highest;
    }

    private int priority(LogicalThread thread) {
        return priorities.computeIfAbsent(thread, _ -> random.nextInt(1 << 20));
    }

    @Override
    public boolean firesTimers() {
        return firesTimers && random.nextInt(8) == 0;
    }

    @Override
    public boolean followsWakeups() {
        return wakeupsToFollow-- > 0;
    }

    @Override
    public void spins(LogicalThread thread) {
        priorities.put(thread, --lowest);
    }

    @Override
    public boolean prefersWriters() {
        return prefersWriters;
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
