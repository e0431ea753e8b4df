package samepage.verification.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
    private final History history = new History();

    private void happened(Operation operation, int start, int end, Outcome outcome) {
        history.begin("T", operation, start).end(end, outcome);
    }

    private static Outcome seen(String letters) {
        return Outcome.read(
                letters.chars().map(letter -> letter == '0' ? 0 : letter).toArray());
    }

    private @Nullable String explain(String... files) {
        return Linearizability.explain(
                List.of(files).stream().map(file -> file.chars().toArray()).toList(), history.entries());
    }

    @Test
    void readBesideWrite_oldOrNew_explained() {
        happened(new Operation.Write(0, 0, 2, 'x'), 0, 5, Outcome.done(2));
        happened(new Operation.Read(0, 0, 2), 1, 2, seen("xa"));
        assertThat(explain("aa")).isNull();
    }

    @Test
    void readAfterWrite_old_notExplained() {
        happened(new Operation.Write(0, 0, 1, 'x'), 0, 1, Outcome.done(1));
        happened(new Operation.Read(0, 0, 1), 2, 3, seen("a"));
        assertThat(explain("aa")).contains("file 0 cell 0");
    }

    @Test
    void readsOneAfterTheOther_newThenOld_notExplained() {
        happened(new Operation.Write(0, 0, 1, 'x'), 0, 9, Outcome.done(1));
        happened(new Operation.Read(0, 0, 1), 1, 2, seen("x"));
        happened(new Operation.Read(0, 0, 1), 3, 4, seen("a"));
        assertThat(explain("aa")).isNotNull();
    }

    @Test
    void tornCell_notExplained() {
        happened(new Operation.Write(0, 0, 1, 'x'), 0, 9, Outcome.done(1));
        happened(new Operation.Read(0, 0, 1), 1, 2, Outcome.read(new int[] {Outcome.TORN}));
        assertThat(explain("aa")).isNotNull();
    }

    @Test
    void loadPastTheEnd_whatAMapStoredThere_explained() {
        happened(new Operation.MapStore(0, 3, 'x'), 0, 1, Outcome.done(0));
        happened(new Operation.MapLoad(0, 3), 2, 3, seen("x"));
        happened(new Operation.MapLoad(0, 3), 4, 5, seen("0")); // written back meanwhile
        happened(new Operation.Read(0, 0, 4), 6, 7, seen("aaa"));
        assertThat(explain("aaa")).isNull();
    }

    @Test
    void loadPastTheEnd_whatIsStoredThereLater_notExplained() {
        happened(new Operation.MapLoad(0, 3), 0, 1, seen("x"));
        happened(new Operation.MapStore(0, 3, 'x'), 2, 3, Outcome.done(0));
        assertThat(explain("aaa")).isNotNull();
    }

    @Test
    void same_neverEqualWhileItRan_notExplained() {
        happened(new Operation.Write(0, 0, 1, 'b'), 0, 1, Outcome.done(1));
        happened(new Operation.Dedupe(0, 0, 1, 0, 2, true), 2, 3, Outcome.deduped(2, true));
        assertThat(explain("aa", "aa")).isNotNull();
    }

    @Test
    void same_equalForAMoment_explained() {
        happened(new Operation.Write(0, 0, 1, 'b'), 0, 5, Outcome.done(1));
        happened(new Operation.Dedupe(0, 0, 1, 0, 2, true), 1, 3, Outcome.deduped(2, true));
        assertThat(explain("aa", "aa")).isNull();
    }

    @Test
    void clone_copiesWhatWasThere_explained() {
        happened(new Operation.Clone(0, 0, 1, 0, 1), 0, 5, Outcome.done(2));
        happened(new Operation.Write(0, 0, 1, 'x'), 1, 2, Outcome.done(1));
        happened(new Operation.Read(1, 0, 2), 6, 7, seen("aa"));
        assertThat(explain("aa", "bb")).isNull();
    }

    @Test
    void collapse_besideWrite_movesItOrNot() {
        happened(new Operation.Collapse(0, 0, 1), 0, 5, Outcome.done(0));
        happened(new Operation.Write(0, 2, 1, 'x'), 1, 2, Outcome.done(1));
        happened(new Operation.Read(0, 0, 4), 6, 7, seen("xb"));
        assertThat(explain("aabb")).isNull();
    }
}
