package samepage.verification.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The protocol in the model; see {@code docs/protocol.md}. */
class ModelTest {
    private static final List<ModelChecker.Result> RESULTS = new ArrayList<>();

    @BeforeAll
    static void check() throws IOException, InterruptedException {
        var checker = new ModelChecker(Path.of("src", "model"));
        for (var running : Model.start(checker, Model.shortChecks())) {
            RESULTS.add(Model.await(running));
        }
    }

    @Test
    void protocol_whole_holdsInEveryState() {
        assertThat(RESULTS.stream().filter(result -> result.check().isWhole()))
                .isNotEmpty()
                .allSatisfy(
                        result -> assertThat(result.broken()).as(result.line()).isEqualTo(ModelCheck.NONE));
    }

    @Test
    void protocol_withoutAStep_breaksWhereItIsNeededOnly() {
        assertThat(RESULTS.stream().filter(result -> !result.check().isWhole()))
                .isNotEmpty()
                .allSatisfy(result ->
                        assertThat(result.isAsExpected()).as(result.line()).isTrue());
    }

    @Test
    void document_hasTheCounterexamplesAndStatesThatWereFound() throws IOException {
        var document = ProtocolDocument.read(Path.of("..", "docs", "protocol.md"));

        assertThat(document).isEqualTo(document.with(RESULTS));
    }
}
