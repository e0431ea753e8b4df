package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Runs programs in many interleavings, and counts. */
final class Exploration {
    private final ControlledClasses classes;
    private long schedules;
    private long steps;
    private long shared;

    Exploration(Mutant mutant) {
        this.classes = new ControlledClasses(mutant);
    }

    /** Runs finished so far. */
    long schedules() {
        return schedules;
    }

    /** Points passed in them at which another thread could have gone on. */
    long steps() {
        return steps;
    }

    /** Runs in which a dedupe shared something. */
    long shared() {
        return shared;
    }

    ControlledClasses classes() {
        return classes;
    }

    /** Interleavings {@code from} to {@code to} of the program, by seed; the first that goes wrong, or null. */
    @Nullable Finding seeds(Program program, long from, long to) {
        int expectedSteps = 1;
        for (long seed = from; seed < to; seed++) {
            if (seed == from) {
                var unhurried = run(program, new ChosenSwitches(0, List.of(), List.of()), "in order");
                if (unhurried.finding != null) {
                    return unhurried.finding;
                }
                expectedSteps = Math.max(1, unhurried.steps);
            }
            var run = run(program, strategy(seed, expectedSteps), "seed " + seed);
            if (run.finding != null) {
                return run.finding;
            }
        }
        return null;
    }

    /** One interleaving by its seed, with what happened in it. */
    String replay(Program program, long seed) {
        var unhurried = run(program, new ChosenSwitches(0, List.of(), List.of()), "in order");
        var trace = new Trace();
        var run = new ScheduledRun(classes, program, strategy(seed, Math.max(1, unhurried.steps)), trace);
        String why = run.run();
        return trace + "\n" + run.history() + (why == null ? "nothing went wrong" : why);
    }

    /** All interleavings in which a thread that could go on is made to wait at most once; the first that goes wrong, or null. */
    @Nullable Finding allOfOneSwitch(Program program, int stride) {
        for (int first = 0; first < program.threads().size(); first++) {
            var plain = run(program, new ChosenSwitches(first, List.of(), List.of()), "first " + first);
            if (plain.finding != null) {
                return plain.finding;
            }
            int length = plain.steps;
            for (int step = 1; step <= length; step += stride) {
                for (int choice = 0; choice < program.threads().size() - 1; choice++) {
                    var chosen = new ChosenSwitches(first, List.of(step), List.of(choice));
                    var run = run(program, chosen, chosen.toString());
                    if (run.finding != null) {
                        return run.finding;
                    }
                }
            }
        }
        return null;
    }

    private record Run(@Nullable Finding finding, int steps) {}

    private Run run(Program program, Strategy strategy, String schedule) {
        var run = new ScheduledRun(classes, program, strategy, null);
        String why = run.run();
        schedules++;
        steps += run.steps();
        if (run.history().sharedSomething()) {
            shared++;
        }
        var finding =
                why == null ? null : new Finding(program, schedule, why, run.history().toString());
        return new Run(finding, run.steps());
    }

    private static Strategy strategy(long seed, int expectedSteps) {
        RandomGenerator random = new SplittableRandom(seed);
        return switch (random.nextInt(4)) {
            case 0 -> new RandomWalk(random, 1 << random.nextInt(2, 8));
            default -> new Priorities(random, random.nextInt(4), expectedSteps);
        };
    }

    /** Programs one after the other. */
    @Nullable Finding eachOf(List<Program> programs, long seedsEach) {
        for (Program program : new ArrayList<>(programs)) {
            Finding finding = seeds(program, 0, seedsEach);
            if (finding != null) {
                return finding;
            }
        }
        return null;
    }
}
