package samepage.verification.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of the search for an interleaving that shows a mutant.
 *
 * @param finding the first; null where none has been found
 * @param schedules how many interleavings it took
 */
record MutantHunt(Mutant mutant, @Nullable Finding finding, long schedules) {
    private static final int SEEDS_AT_ONCE = 50;

    /** Goes through the programs of the mutant's races by turns, until one goes wrong or each has had {@code seedsEach}. */
    static MutantHunt of(Mutant mutant, long seedsEach) {
        var exploration = new Exploration(mutant);
        List<Program> programs = Races.of(mutant.races());
        Finding finding = null;
        for (long seed = 0; seed < seedsEach && finding == null; seed += SEEDS_AT_ONCE) {
            for (Program program : programs) {
                finding = exploration.seeds(program, seed, seed + SEEDS_AT_ONCE);
                if (finding != null) {
                    break;
                }
            }
        }
        exploration.checkMutated();
        return new MutantHunt(mutant, finding, exploration.schedules());
    }

    /** How it showed, in a word or two. */
    String sign() {
        if (finding == null) {
            return "not at all";
        }
        String why = finding.why();
        if (why.startsWith("no order")) {
            return "bytes";
        }
        if (why.startsWith("nobody can") || why.startsWith("the run does")) {
            return "deadlock";
        }
        if (why.contains("lock order")) {
            return "lock order";
        }
        if (why.startsWith("java.lang.AssertionError")) {
            return "assertion";
        }
        return why.startsWith("the audit") ? "audit" : "checksum";
    }
}
