package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The long forms, as commands: {@code schedules}, {@code mutants}, {@code replay}. */
public final class Schedules {
    private static final long DEFAULT_SECONDS = 60;
    private static final long SEEDS_OF_A_RACE = 200;
    private static final long SEEDS_OF_A_PROGRAM = 40;
    private static final long SEEDS_FOR_A_MUTANT = 2000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Schedules() {}

    /** Runs one of the commands; the exit status is 1 where something was found, or a mutant was not. */
    public static void main(String[] arguments) {
        boolean well = switch (arguments.length == 0 ? "schedules" : arguments[0]) {
            case "schedules" ->
                explore(
                        arguments.length > 1 ? Long.parseLong(arguments[1]) : DEFAULT_SECONDS,
                        arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime() >>> 20);
            case "mutants" -> hunt();
            case "replay" -> replay(arguments[1], arguments[2]);
            default -> throw new IllegalArgumentException("schedules, mutants or replay: " + arguments[0]);
        };
        System.exit(well ? 0 : 1);
    }

    /** All races, then programs drawn by lot, on every core, until the time is up or something is found. */
    private static boolean explore(long seconds, long seed) {
        System.out.println("seed " + seed);
        long start = System.nanoTime();
        long end = start + seconds * NANOS_PER_SECOND;
        var next = new AtomicLong();
        var found = new AtomicReference<@Nullable Finding>();
        var explorations = new ArrayList<Exploration>();
        var workers = new ArrayList<Thread>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            var exploration = new Exploration(Mutant.NONE);
            explorations.add(exploration);
            workers.add(Thread.ofPlatform().start(() -> work(exploration, next, seed, end, found)));
        }
        workers.forEach(Schedules::join);
        Finding finding = found.get();
        if (finding != null) {
            System.out.println(finding + "\nreplay with: verification/run replay \""
                    + finding.program().name() + "\" \"" + finding.schedule() + "\"");
        }
        long schedules = explorations.stream().mapToLong(Exploration::schedules).sum();
        long steps = explorations.stream().mapToLong(Exploration::steps).sum();
        long shared = explorations.stream().mapToLong(Exploration::shared).sum();
        System.out.printf(
                "%,d schedules of %,d programs, %,d points at which they could switch, %,d with something shared; %,d a second%n",
                schedules, next.get(), steps, shared, schedules * NANOS_PER_SECOND / (System.nanoTime() - start));
        return finding == null;
    }

    private static void work(
            Exploration exploration, AtomicLong next, long seed, long end, AtomicReference<@Nullable Finding> found) {
        List<Program> races =
                Races.all().values().stream().flatMap(List::stream).toList();
        while (System.nanoTime() < end && found.get() == null) {
            long number = next.getAndIncrement();
            boolean race = number < races.size();
            Program program = race ? races.get((int) number) : RandomProgram.of(seed + number);
            long seeds = race ? SEEDS_OF_A_RACE : SEEDS_OF_A_PROGRAM;
            found.compareAndSet(null, exploration.seeds(program, seed, seed + seeds));
        }
    }

    private static void join(Thread worker) {
        try {
            worker.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every mutant, as the table of {@code docs/mutants.md}. */
    private static boolean hunt() {
        boolean well = true;
        long schedules = 0;
        System.out.println("| step | taken out | races | schedules until found | shown by |\n|---|---|---|---|---|");
        for (Mutant mutant : Mutants.all()) {
            var hunt = MutantHunt.of(mutant, SEEDS_FOR_A_MUTANT);
            well &= hunt.finding() != null;
            schedules += hunt.schedules();
            System.out.println(row(hunt));
        }
        System.out.println("\nNot to be found as long as the other steps stand:\n");
        System.out.println("| step | taken out | races | schedules | shown by |\n|---|---|---|---|---|");
        for (Mutant mutant : Mutants.redundant()) {
            var hunt = MutantHunt.of(mutant, SEEDS_FOR_A_MUTANT);
            well &= hunt.finding() == null;
            schedules += hunt.schedules();
            System.out.println(row(hunt));
        }
        System.out.printf(
                "%n%,d mutants, %,d schedules%n",
                Mutants.all().size() + Mutants.redundant().size(), schedules);
        return well;
    }

    private static String row(MutantHunt hunt) {
        Mutant mutant = hunt.mutant();
        return String.format(
                "| %s | %s | %s | %,d | %s |",
                mutant.step(), mutant.name(), mutant.races(), hunt.schedules(), hunt.sign());
    }

    /** One interleaving, told switch by switch: the program by its name, the schedule as the finding says it. */
    private static boolean replay(String name, String schedule) {
        Program program = Races.all().values().stream()
                .flatMap(List::stream)
                .filter(race -> race.name().equals(name))
                .findFirst()
                .orElseGet(() -> RandomProgram.of(Long.parseLong(name.replace("program ", ""))));
        System.out.println(new Exploration(Mutant.NONE).replay(program, schedule));
        return true;
    }
}
