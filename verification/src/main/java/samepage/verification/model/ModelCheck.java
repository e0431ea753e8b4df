package samepage.verification.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One run of the checker: a scenario, the steps taken out of the protocol, and what is to come of it.
 *
 * @param scenario the configuration's file, without its ending
 * @param missing the steps taken out, as {@code Has} names them in the specification
 * @param broken the property that is to be broken, and is the only one looked at; {@link #NONE} where all are to hold
 */
record ModelCheck(String scenario, Set<String> missing, String broken) {
    /** No property is to be broken. */
    static final String NONE = "none";

    /** Everybody waits for somebody. */
    static final String DEADLOCK = "Deadlock";

    private static final String LOSS = "StoresSurvive";
    private static final String FOREIGN_BYTES = "ReadersSeeTheFile";
    private static final String WRONG_VERDICT = "SameMeansEqual";
    private static final String CRASH = "CrashLeavesTheCommit";
    private static final String ENDS = "EveryDedupeEnds";

    private static final Set<String> FILE_LOCKS =
            Set.of("inode lock source", "inode lock target", "invalidate lock source", "invalidate lock target");

    private static Set<String> with(Set<String> steps, String another) {
        var more = new HashSet<>(steps);
        more.add(another);
        return more;
    }

    static ModelCheck whole(String scenario) {
        return new ModelCheck(scenario, Set.of(), NONE);
    }

    private static ModelCheck without(String step, String scenario, String broken) {
        return new ModelCheck(scenario, Set.of(step), broken);
    }

    private static ModelCheck withoutBoth(String step, String other, String scenario, String broken) {
        return new ModelCheck(scenario, Set.of(step, other), broken);
    }

    /** The whole protocol, small enough for every build. */
    static final List<ModelCheck> WHOLE = List.of(
            whole("locked-buffered"),
            whole("locked-direct"),
            whole("locked-mapped"),
            whole("locked-layout"),
            whole("locked-cut"),
            whole("locked-shared"),
            whole("locked-ahead"),
            whole("locked-eviction"),
            whole("optimistic-buffered"),
            whole("optimistic-direct"),
            whole("optimistic-mapped"),
            whole("optimistic-layout"),
            whole("optimistic-cut"),
            whole("optimistic-ahead"),
            whole("optimistic-eviction"),
            whole("optimistic-reuse"),
            whole("optimistic-twice"),
            whole("crossing"),
            whole("crossing-optimistic"),
            whole("within-one-file"),
            whole("clone"),
            whole("reuse"),
            whole("crash"),
            whole("crossing-pages"),
            whole("ends"),
            whole("ends-pages"),
            whole("ends-endless-writer"));

    /** The protocol without a step, each with the property that it cannot keep. */
    static final List<ModelCheck> VARIANTS = List.of(
            without("inode lock source", "locked-buffered", LOSS),
            without("inode lock target", "locked-buffered", LOSS),
            without("invalidate lock source", "locked-mapped", LOSS),
            without("invalidate lock target", "locked-mapped", LOSS),
            without("layouts source", "locked-layout", WRONG_VERDICT),
            without("layouts target", "locked-layout", WRONG_VERDICT),
            without("drain source", "locked-direct", LOSS),
            without("drain target", "locked-direct", LOSS),
            without("clean source", "locked-ahead", LOSS),
            without("clean target", "locked-shared", WRONG_VERDICT),
            without("revocation", "locked-mapped", LOSS),
            without("inode order", "crossing-optimistic", DEADLOCK),
            without("unlocked recall", "locked-layout", DEADLOCK),
            without("hold off", "locked-layout", WRONG_VERDICT),
            without("watch", "optimistic-buffered", LOSS),
            without("writability", "optimistic-mapped", WRONG_VERDICT),
            without("note of windows", "optimistic-mapped", LOSS),
            without("compare of what changed", "optimistic-buffered", WRONG_VERDICT),
            without("look for dirty pages", "optimistic-buffered", WRONG_VERDICT),
            without("writeback locks", "optimistic-buffered", LOSS),
            without("note with the extents", "optimistic-direct", LOSS),
            without("clean source", "optimistic-ahead", LOSS),
            without("note after the change", "optimistic-direct", LOSS),
            without("block pin", "optimistic-reuse", LOSS),
            without("page pin", "optimistic-eviction", LOSS),
            without("fill pin", "reuse", FOREIGN_BYTES),
            without("reuse after commit", "crash", CRASH),
            without("bounded rounds", "ends-endless-writer", ENDS),
            withoutBoth("recheck", "page pin", "locked-eviction", LOSS),
            new ModelCheck("crossing-pages", with(FILE_LOCKS, "page order"), DEADLOCK));

    /** The protocol without a step that others make up for: it holds all the same. */
    static final List<ModelCheck> REDUNDANT = List.of(
            without("recheck", "locked-eviction", NONE),
            without("page pin", "locked-eviction", NONE),
            without("page order", "ends-pages", NONE),
            without("clean target", "optimistic-ahead", NONE),
            new ModelCheck("crossing-pages", FILE_LOCKS, NONE));

    /** The whole protocol with all kinds of writers at once: minutes. */
    static final List<ModelCheck> LONG = List.of(
            whole("long/locked"),
            whole("long/locked-pages"),
            whole("long/optimistic"),
            whole("long/optimistic-buffered"),
            whole("long/optimistic-mapped"),
            whole("long/optimistic-reuse"),
            whole("long/crossing"),
            whole("long/crossing-optimistic"),
            whole("long/clone"),
            whole("long/ends"));

    boolean isWhole() {
        return missing.isEmpty();
    }

    /** The scenario, and what it is without. */
    String title() {
        return isWhole() ? scenario : scenario + " without " + steps();
    }

    /** The steps taken out, in words. */
    String steps() {
        return missing.stream().sorted().collect(Collectors.joining(", "));
    }

    /** What it means that the property is broken. */
    String meaning() {
        return switch (broken) {
            case LOSS -> "a file no longer has on the device what was last stored, and no page has it either";
            case FOREIGN_BYTES -> "a page shows what was never written to the file";
            case WRONG_VERDICT -> "the dedupe says SAME of ranges that differ";
            case DEADLOCK -> "everybody waits for somebody, for ever";
            case CRASH -> "a crash leaves other content than what was committed";
            case ENDS -> "the dedupe never ends";
            default -> broken;
        };
    }

    /** The scenario's configuration, changed to what this check is about. */
    String configuration(String scenarioText) {
        String steps = missing.stream().sorted().map(step -> '"' + step + '"').collect(Collectors.joining(", "));
        String text = scenarioText.replace("Missing = {}", "Missing = {" + steps + "}");
        if (broken.equals(NONE)) {
            return text;
        }
        String kept = text.lines()
                .filter(line -> !line.startsWith("INVARIANT") && !line.startsWith("PROPERT"))
                .collect(Collectors.joining("\n", "", "\n"));
        return switch (broken) {
            case DEADLOCK -> kept;
            case ENDS -> kept + "CHECK_DEADLOCK FALSE\nPROPERTY " + broken + "\n";
            default -> kept + "CHECK_DEADLOCK FALSE\nINVARIANT " + broken + "\n";
        };
    }
}
