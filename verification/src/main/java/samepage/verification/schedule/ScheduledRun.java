package samepage.verification.schedule;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** One program in one interleaving, on a volume of its own, from an empty device to the last audit. */
final class ScheduledRun {
    private final ControlledClasses classes;
    private final Program program;
    private final Scheduler scheduler;
    private final @Nullable Trace trace;
    private final History history = new History();
    private List<int[]> before = List.of();
    private List<String> problems = List.of();
    private @Nullable String contradiction;

    ScheduledRun(ControlledClasses classes, Program program, Strategy strategy, @Nullable Trace trace) {
        this.classes = classes;
        this.program = program;
        this.trace = trace;
        this.scheduler = new Scheduler(strategy, trace);
    }

    /** Runs it; gives what went wrong, or null. */
    @Nullable String run() {
        scheduler.run(this::main);
        Throwable failure = scheduler.failure();
        if (failure != null) {
            return failure instanceof DeadlockError ? failure.getMessage() : textOf(failure);
        }
        if (contradiction != null) {
            return contradiction;
        }
        return problems.isEmpty() ? null : "the audit finds " + problems;
    }

    int steps() {
        return scheduler.steps();
    }

    History history() {
        return history;
    }

    private void main() {
        try {
            World world = classes.newWorld(program.deviceBlocks());
            world.setUp(program.files());
            before = world.initial();
            var threads = new ArrayList<LogicalThread>();
            for (int i = 0; i < program.threads().size(); i++) {
                String name = "T" + i;
                List<Operation> operations = program.threads().get(i);
                threads.add(scheduler.spawn(name, false, () -> perform(world, name, operations)));
            }
            scheduler.explore();
            scheduler.awaitAll(threads);
            readAtTheEnd(world, false);
            readAtTheEnd(world, true);
            contradiction = Linearizability.explain(before, history.entries());
            if (contradiction == null) {
                problems = world.close();
            }
        } catch (IOException e) {
            scheduler.fail(e);
        }
    }

    private void perform(World world, String thread, List<Operation> operations) {
        var pending = new ArrayList<History.Entry>();
        try {
            for (Operation operation : operations) {
                History.Entry entry = history.begin(thread, operation, scheduler.nextEvent());
                if (trace != null) {
                    trace.note(thread + " begins " + operation);
                }
                Outcome outcome = world.perform(operation);
                entry.end(outcome.pending() == null ? scheduler.nextEvent() : Integer.MAX_VALUE, outcome);
                if (trace != null) {
                    trace.note(thread + " ends " + operation + " = " + outcome);
                }
                if (outcome.pending() != null) {
                    pending.add(entry);
                }
            }
            world.threadEnds();
            for (History.Entry entry : pending) {
                await(entry);
            }
        } catch (IOException | ExecutionException e) {
            scheduler.fail(e);
        }
    }

    private static void await(History.Entry entry) throws ExecutionException {
        ControlledFuture<Integer> write = entry.outcome.pending();
        if (write != null) {
            int bytes = write.get();
            entry.end(write.completedAt(), Outcome.ended(bytes));
        }
    }

    private void readAtTheEnd(World world, boolean fromDevice) throws IOException {
        List<int[]> files = world.readAll(fromDevice);
        for (int i = 0; i < files.size(); i++) {
            int[] cells = files.get(i);
            if (cells.length > 0 || before.get(i).length == 0) {
                int now = scheduler.nextEvent();
                Operation read = new Operation.Read(i, 0, Math.max(cells.length, before.get(i).length));
                history.begin(fromDevice ? "device" : "pages", read, now)
                        .end(scheduler.nextEvent(), Outcome.read(cells));
            }
        }
    }

    private static String textOf(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
