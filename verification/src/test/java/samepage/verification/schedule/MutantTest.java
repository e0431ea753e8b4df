package samepage.verification.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each protection taken out is missed: an interleaving of its races goes wrong. What shows that the suite is not blind. */
class MutantTest {
    private static final long SEEDS = 1000;
    private static final long SEEDS_OF_REDUNDANT = 20;

    static List<Mutant> protections() {
        return Mutants.all();
    }

    static List<Mutant> secondLines() {
        return Mutants.redundant();
    }

    @ParameterizedTest
    @MethodSource("protections")
    void protection_takenOut_isMissed(Mutant mutant) {
        var hunt = MutantHunt.of(mutant, SEEDS);

        assertThat(hunt.finding())
                .as("%s, %d schedules", mutant, hunt.schedules())
                .isNotNull();
    }

    @ParameterizedTest
    @MethodSource("secondLines")
    void secondLine_takenOut_isNotMissed(Mutant mutant) {
        assertThat(MutantHunt.of(mutant, SEEDS_OF_REDUNDANT).finding()).isNull();
    }

    @Test
    void finding_replayed_goesWrongTheSameWay() {
        Mutant mutant = protections().getFirst();
        Finding finding = MutantHunt.of(mutant, SEEDS).finding();

        assertThat(finding).isNotNull();
        assertThat(new Exploration(mutant).replay(finding.program(), finding.schedule()))
                .contains(finding.why());
    }

    @Test
    void edit_ofNoSuchCall_isToldOf() {
        var mutant = new Mutant("", "", "2", Mutant.leaveOut("remap/Remap", "dedupe", "Inode", "noSuchMethod"));

        assertThatThrownBy(() -> MutantHunt.of(mutant, 1)).hasMessageContaining("noSuchMethod");
    }
}
