package samepage.verification.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Writers of every kind against dedupes, drawn by lot; {@code verification/run schedules} goes on for longer. */
class RandomProgramTest {
    private static final int PROGRAMS = 250;
    private static final int SEEDS = 12;

    @Test
    void randomPrograms_someInterleavings_plainFilesExplainThem() {
        var exploration = new Exploration(Mutant.NONE);
        for (int number = 0; number < PROGRAMS; number++) {
            assertThat(exploration.seeds(RandomProgram.of(number), 0, SEEDS)).isNull();
        }
        assertThat(exploration.shared())
                .as("runs in which something was shared")
                .isGreaterThan(PROGRAMS);
    }
}
