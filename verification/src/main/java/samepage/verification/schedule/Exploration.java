package samepage.verification.schedule;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs programs in many interleavings, and counts. */
final class Exploration {
    private static final Strategy IN_ORDER = new ChosenSwitches(0, List.of(), List.of());
    private static final Pattern CHOSEN = Pattern.compile("first (\\d+) switches \\[([\\d,]*)\\] to \\[([\\d,]*)\\]");

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

    /** As {@link ControlledClasses#checkMutated}. */
    void checkMutated() {
        classes.checkMutated();
    }

    /** Interleavings {@code from} to {@code to} of the program, by seed; the first that goes wrong, or null. */
    @Nullable Finding seeds(Program program, long from, long to) {
        int expectedSteps = 1;
        for (long seed = from; seed < to; seed++) {
            if (seed == from) {
                var inOrder = run(program, IN_ORDER);
                if (inOrder.finding != null) {
                    return inOrder.finding;
                }
                expectedSteps = inOrder.steps;
            }
            var run = run(program, seeded(seed, expectedSteps));
            if (run.finding != null) {
                return run.finding;
            }
        }
        return null;
    }

    /** One interleaving, as a finding names it, with what happened in it. */
    String replay(Program program, String schedule) {
        var trace = new Trace();
        var run = new ScheduledRun(classes, program, strategyOf(program, schedule), trace);
        String why = run.run();
        return trace + "\n" + run.history() + (why == null ? "nothing went wrong" : why);
    }

    private Strategy strategyOf(Program program, String schedule) {
        Matcher chosen = CHOSEN.matcher(schedule);
        if (chosen.matches()) {
            return new ChosenSwitches(
                    Integer.parseInt(chosen.group(1)), numbers(chosen.group(2)), numbers(chosen.group(3)));
        }
        int length = run(program, IN_ORDER).steps;
        return seeded(Long.parseLong(schedule.replace("seed ", "")), length);
    }

    private static List<Integer> numbers(String list) {
        return list.isEmpty()
                ? List.of()
                : Pattern.compile(",").splitAsStream(list).map(Integer::valueOf).toList();
    }

    /** All interleavings in which a thread that could go on is made to wait at most once; the first that goes wrong, or null. */
    @Nullable Finding allOfOneSwitch(Program program, int stride) {
        for (int first = 0; first < program.threads().size(); first++) {
            var plain = run(program, new ChosenSwitches(first, List.of(), List.of()));
            if (plain.finding != null) {
                return plain.finding;
            }
            int length = plain.steps;
            for (int step = 1; step <= length; step += stride) {
                for (int choice = 0; choice < program.threads().size() - 1; choice++) {
                    var run = run(program, new ChosenSwitches(first, List.of(step), List.of(choice)));
                    if (run.finding != null) {
                        return run.finding;
                    }
                }
            }
        }
        return null;
    }

    private record Run(@Nullable Finding finding, int steps) {}

    private Run run(Program program, Strategy strategy) {
        var run = new ScheduledRun(classes, program, strategy, null);
        String why = run.run();
        schedules++;
        steps += run.steps();
        if (run.history().sharedSomething()) {
            shared++;
        }
        var finding = why == null
                ? null
                : new Finding(program, strategy.toString(), why, run.history().toString());
        return new Run(finding, run.steps());
    }

    private static Strategy seeded(long seed, int expectedSteps) {
        RandomGenerator random = new SplittableRandom(seed);
        return switch (random.nextInt(4)) {
            case 0 -> new RandomWalk(seed, random, 1 << random.nextInt(2, 8));
            default -> new Priorities(seed, random, random.nextInt(4), Math.max(1, expectedSteps));
        };
    }
}
