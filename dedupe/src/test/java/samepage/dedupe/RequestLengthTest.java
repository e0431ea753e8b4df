package samepage.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestLengthTest {
    private static final long KIB = 1024;
    private final RequestLength length = new RequestLength(64 * KIB, 64 * KIB * KIB, Duration.ofMillis(10));

    @Test
    void took_longerThanTheBudget_getsShorterInProportion() {
        length.took(64 * KIB * KIB, Duration.ofMillis(70));
        assertThat(length.bytes()).isBetween(6 * KIB * KIB, 7 * KIB * KIB);
        assertThat(length.bytes() % (64 * KIB)).isZero();
    }

    @Test
    void took_littleAgainAndAgain_getsLongerUpToTheLongest() {
        length.took(64 * KIB * KIB, Duration.ofSeconds(1));
        for (int i = 0; i < 20; i++) {
            length.took(length.bytes(), Duration.ofNanos(1000));
        }
        assertThat(length.bytes()).isEqualTo(64 * KIB * KIB);
    }

    @Test
    void took_shortRequestWasQuick_saysNothing() {
        length.took(64 * KIB * KIB, Duration.ofMillis(70));
        long before = length.bytes();
        length.took(64 * KIB, Duration.ofNanos(1000));
        assertThat(length.bytes()).isEqualTo(before);
    }

    @Test
    void took_neverEnough_stopsAtTheShortest() {
        for (int i = 0; i < 10; i++) {
            length.took(length.bytes(), Duration.ofSeconds(1));
        }
        assertThat(length.bytes()).isEqualTo(64 * KIB);
    }
}
