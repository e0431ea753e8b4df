package samepage.verification;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The lock ranks are checked by assertions. A run without them would pass and say nothing. */
final class AssertionsTest {
    @Test
    void core_inEveryTestRun_hasAssertionsOn() throws ClassNotFoundException {
        var lockedCode = Class.forName("samepage.block.BlockDevice");

        assertThat(lockedCode.desiredAssertionStatus()).isTrue();
    }
}
