package samepage.verification.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Switches at the steps that are said, to whom is said, and else lets each thread run as far as it can, the first first:
 * what to enumerate all schedules of few switches with.
 *
 * @param rotation which of the program's threads begins
 * @param steps at which steps to switch, ascending
 * @param choices for each the number, among those that can go on or whose time may come, of who goes on
 */
record ChosenSwitches(int rotation, List<Integer> steps, List<Integer> choices) implements Strategy {
    @Override
    public boolean preempts(int step) {
        return steps.contains(step);
    }

    @Override
    public LogicalThread pick(List<LogicalThread> candidates, @Nullable LogicalThread preempted) {
        int choice = preempted == null ? rotation : choices.getFirst();
        return candidates.get(choice % candidates.size());
    }

    @Override
    public String toString() {
        return ("first " + rotation + " switches " + steps + " to " + choices).replace(", ", ",");
    }
}
