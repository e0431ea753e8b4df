package samepage.errno;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PrintableNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain.txt", "with space", "Grüße", "日本語", "😀", "quote'\"", "$HOME"})
    void of_printableUtf8_staysAsItIs(String name) {
        assertThat(PrintableName.of(name.getBytes(StandardCharsets.UTF_8))).isEqualTo(name);
    }

    @Test
    void of_controlCharacters_areEscaped() {
        assertThat(escaped("a\nb\tc\rd\u0000e\u001b[31m\u007f")).isEqualTo("a\\nb\\tc\\rd\\x00e\\x1b[31m\\x7f");
    }

    @Test
    void of_controlCharactersBeyondAscii_areEscapedByteByByte() {
        assertThat(escaped("\u0085")).isEqualTo("\\xc2\\x85");
        assertThat(escaped("\u202e")).isEqualTo("\\xe2\\x80\\xae");
        assertThat(escaped("\u2028")).isEqualTo("\\xe2\\x80\\xa8");
    }

    @Test
    void of_backslash_isEscapedSoThatNamesStayDifferent() {
        assertThat(escaped("\\n")).isEqualTo("\\\\n");
        assertThat(escaped("\n")).isEqualTo("\\n");
    }

    @Test
    void of_whatIsNotUtf8_isEscapedByteByByte() {
        assertThat(of(0xff, 'a', 0xfe)).isEqualTo("\\xffa\\xfe");
        assertThat(of(0x80)).isEqualTo("\\x80");
        assertThat(of('a', 0xc3)).isEqualTo("a\\xc3");
        assertThat(of(0xe2, 0x82, 'x')).isEqualTo("\\xe2\\x82x");
    }

    @Test
    void of_overlongAndSurrogateAndTooHigh_areNotUtf8() {
        assertThat(of(0xc0, 0xaf)).isEqualTo("\\xc0\\xaf");
        assertThat(of(0xe0, 0x80, 0xaf)).isEqualTo("\\xe0\\x80\\xaf");
        assertThat(of(0xed, 0xa0, 0x80)).isEqualTo("\\xed\\xa0\\x80");
        assertThat(of(0xf4, 0x90, 0x80, 0x80)).isEqualTo("\\xf4\\x90\\x80\\x80");
    }

    @Test
    void of_range_showsTheRangeOnly() {
        assertThat(PrintableName.of("path/name".getBytes(StandardCharsets.UTF_8), 5, 4))
                .isEqualTo("name");
    }

    private static String escaped(String name) {
        return PrintableName.of(name.getBytes(StandardCharsets.UTF_8));
    }

    private static String of(int... values) {
        var bytes = new byte[values.length];
        for (var i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return PrintableName.of(bytes);
    }
}
