package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ArgumentTextTest {
    @Test
    void of_anyBytes_comeBack() {
        for (var seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            var bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);

            assertThat(ArgumentText.bytes(ArgumentText.of(bytes)))
                    .as("seed %d", seed)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void of_textWithBytesThatAreNone_keepsBoth() {
        byte[] bytes = {
            'a', (byte) 0xc3, (byte) 0xa9, (byte) 0xff, (byte) 0xc3, '/', (byte) 0xed, (byte) 0xb2, (byte) 0x80
        };

        var text = ArgumentText.of(bytes);

        assertThat(text).startsWith("aé\udcff\udcc3/");
        assertThat(ArgumentText.bytes(text)).isEqualTo(bytes);
    }

    @Test
    void bytes_charactersBeyondTheBasicPlane_areUtf8() {
        assertThat(ArgumentText.bytes("\ud83d\ude00"))
                .containsExactly((byte) 0xf0, (byte) 0x9f, (byte) 0x98, (byte) 0x80);
    }
}
