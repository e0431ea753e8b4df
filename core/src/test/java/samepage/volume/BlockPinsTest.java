package samepage.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BlockPinsTest {
    private final BlockPins pins = new BlockPins();
    private final PhysicalRun first = new PhysicalRun(1, 1);
    private final PhysicalRun second = new PhysicalRun(2, 1);
    private final PhysicalRun third = new PhysicalRun(3, 1);

    @Test
    void takeUnpinned_withoutPins_givesAllOnce() {
        pins.retire(List.of(first, second));
        pins.retire(List.of(third));

        assertThat(pins.hasUnpinned()).isTrue();
        assertThat(pins.takeUnpinned()).containsExactly(first, second, third);
        assertThat(pins.hasUnpinned()).isFalse();
        assertThat(pins.takeUnpinned()).isEmpty();
    }

    @Test
    void takeUnpinned_withAPin_givesWhatWasFreedBeforeIt() {
        pins.retire(List.of(first));
        long pin = pins.pin();
        pins.retire(List.of(second));

        assertThat(pins.takeUnpinned()).containsExactly(first);
        assertThat(pins.hasUnpinned()).isFalse();
        pins.unpin(pin);
        assertThat(pins.takeUnpinned()).containsExactly(second);
    }

    @Test
    void takeUnpinned_withPinsOfSeveralTimes_waitsForTheOldest() {
        long oldest = pins.pin();
        long twin = pins.pin();
        pins.retire(List.of(first));
        long younger = pins.pin();
        pins.retire(List.of(second));

        pins.unpin(oldest);
        assertThat(pins.takeUnpinned()).isEmpty();
        pins.unpin(twin);
        assertThat(pins.takeUnpinned()).containsExactly(first);
        pins.unpin(younger);
        assertThat(pins.takeUnpinned()).containsExactly(second);
    }
}
