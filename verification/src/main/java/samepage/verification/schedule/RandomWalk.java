package samepage.verification.schedule;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Switches at each point with the same chance, to any thread. */
final class RandomWalk implements Strategy {
    private final long seed;
    private final RandomGenerator random;
    private final boolean prefersWriters;
    private final int meanSteps;
    private int nextSwitch;

    /**
     * What {@code random} will give.
     *
     * @param seed names it
     * @param meanSteps steps between two switches
     */
    RandomWalk(long seed, RandomGenerator random, int meanSteps) {
        this.seed = seed;
        this.random = random;
        this.meanSteps = meanSteps;
        this.prefersWriters = random.nextBoolean();
        this.nextSwitch = distance();
    }

    private int distance() {
        return 1 + (int) (-Math.log(1 - random.nextDouble()) * meanSteps);
    }

    @Override
    public boolean preempts(int step) {
        if (step < nextSwitch) {
            return false;
        }
        nextSwitch = step + distance();
        return true;
    }

    @Override
    public LogicalThread pick(List<LogicalThread> candidates, @Nullable LogicalThread preempted) {
        return candidates.get(random.nextInt(candidates.size()));
    }

    @Override
    public boolean firesTimers() {
        return random.nextInt(16) == 0;
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
