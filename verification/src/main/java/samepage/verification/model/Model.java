package samepage.verification.model;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Checks the model: {@code verification/run model [draw] [document] [long | long/NAME...]}. Prints a line for each run of the
 * checker and ends with their sum; fails where one does not come out as expected.
 */
public final class Model {
    private static final int SHORT_RUNS_AT_ONCE = 2;

    private Model() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        boolean drawing = List.of(arguments).contains("draw");
        var checker = new ModelChecker(Path.of("verification", "src", "model"));
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<ModelChecker.Result> results = new ArrayList<>();
        for (var running : start(checker, shortChecks())) {
            ModelChecker.Result result = await(running);
            out.println(result.line());
            if (drawing && !result.broken().equals(ModelCheck.NONE)) {
                out.println();
                out.println(result.trace().draw());
            }
            results.add(result);
        }
        if (List.of(arguments).contains("document")) {
            Path file = Path.of("docs", "protocol.md");
            ProtocolDocument.read(file).with(results).write(file);
        }
        for (ModelCheck check : ModelCheck.LONG) {
            if (List.of(arguments).contains("long") || List.of(arguments).contains(check.scenario())) {
                ModelChecker.Result result =
                        checker.run(check, Runtime.getRuntime().availableProcessors(), "6g");
                out.println(result.line());
                results.add(result);
            }
        }
        long states =
                results.stream().mapToLong(ModelChecker.Result::distinctStates).sum();
        long wrong = results.stream().filter(result -> !result.isAsExpected()).count();
        out.printf("%d runs, %,d states, %d not as expected%n", results.size(), states, wrong);
        if (wrong > 0) {
            System.exit(1);
        }
    }

    /** What every build checks. */
    static List<ModelCheck> shortChecks() {
        var checks = new ArrayList<>(ModelCheck.WHOLE);
        checks.addAll(ModelCheck.VARIANTS);
        checks.addAll(ModelCheck.REDUNDANT);
        return checks;
    }

    /** Runs the checks, some at a time, each with one worker so that it counts the same states every time. */
    static List<Future<ModelChecker.Result>> start(ModelChecker checker, List<ModelCheck> checks) {
        var executor = Executors.newFixedThreadPool(
                SHORT_RUNS_AT_ONCE, Thread.ofPlatform().daemon().factory());
        var running = checks.stream()
                .map(check -> executor.submit(() -> checker.run(check, 1, "1g")))
                .toList();
        executor.shutdown();
        return running;
    }

    static ModelChecker.Result await(Future<ModelChecker.Result> running) throws IOException, InterruptedException {
        try {
            return running.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }
}
