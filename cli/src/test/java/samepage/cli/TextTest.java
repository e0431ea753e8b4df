package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextTest {
    @Test
    void size_ofAnyMagnitude_hasAFittingUnit() {
        assertThat(HumanText.size(0)).isEqualTo("0 bytes");
        assertThat(HumanText.size(1)).isEqualTo("1 byte");
        assertThat(HumanText.size(1023)).isEqualTo("1023 bytes");
        assertThat(HumanText.size(1536)).isEqualTo("1.5 KiB");
        assertThat(HumanText.size(1023L << 20)).isEqualTo("1.0 GiB");
        assertThat(HumanText.size(200L << 30)).isEqualTo("200 GiB");
        assertThat(HumanText.size(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void duration_ofAnyLength_hasFittingUnits() {
        assertThat(HumanText.duration(0.26)).isEqualTo("0.3 s");
        assertThat(HumanText.duration(42.4)).isEqualTo("42 s");
        assertThat(HumanText.duration(200)).isEqualTo("3 min 20 s");
        assertThat(HumanText.duration(7500)).isEqualTo("2 h 5 min");
    }

    @Test
    void progressLine_totalKnown_tellsShareRateAndTimeLeft() {
        assertThat(Progress.line("importing", 10, 512L << 20, 20, 1L << 30, 2))
                .isEqualTo("importing 10 of 20 files, 512 MiB of 1.0 GiB, 50%, 256 MiB/s, 2.0 s left");
    }

    @Test
    void progressLine_totalUnknown_tellsWhatIsDone() {
        assertThat(Progress.line("importing", 1234, 1 << 20, 0, 0, 1))
                .isEqualTo("importing 1,234 files, 1.0 MiB, 1.0 MiB/s");
    }

    @Test
    void progress_noTerminal_printsNothing() {
        var err = new ByteArrayOutputStream();
        try (var progress = new Progress(new Console(new ByteArrayOutputStream(), err, 0))) {
            progress.begin("importing");
            progress.addFile();
        }
        assertThat(err.size()).isZero();
    }

    @Test
    void mode_specialBits_standForExecution() {
        assertThat(ModeText.of(0100644)).isEqualTo("-rw-r--r--");
        assertThat(ModeText.of(041777)).isEqualTo("drwxrwxrwt");
        assertThat(ModeText.of(0106755)).isEqualTo("-rwsr-sr-x");
        assertThat(ModeText.of(0106644)).isEqualTo("-rwSr-Sr--");
        assertThat(ModeText.of(0120777)).isEqualTo("lrwxrwxrwx");
    }

    @Test
    void deviceNumber_anyNumbers_comeBack() {
        for (var major : List.of(0, 1, 300, 0xfff, 0x1000, 0xfffff)) {
            for (var minor : List.of(0, 3, 0xff, 0x100, 70_000, 0xffffff)) {
                var number = DeviceNumber.of(major, minor);

                assertThat(DeviceNumber.major(number)).isEqualTo(major);
                assertThat(DeviceNumber.minor(number)).isEqualTo(minor);
            }
        }
    }

    @Test
    void json_nestedValues_areWritten() {
        var object = new LinkedHashMap<String, Object>();
        object.put("name", "a\"b\\xff");
        object.put("count", 3L);
        object.put("seconds", 0.5);
        object.put("list", List.of(Map.of("is", true)));

        assertThat(JsonText.of(object).replaceAll("\\s", ""))
                .isEqualTo("{\"name\":\"a\\\"b\\\\xff\",\"count\":3,\"seconds\":0.5,\"list\":[{\"is\":true}]}");
    }

    @Test
    void insidePath_dotsAndSlashes_areNoNames() {
        assertThat(InsidePath.names("//a/./b/".getBytes(StandardCharsets.UTF_8)))
                .map(name -> new String(name, StandardCharsets.UTF_8))
                .containsExactly("a", "b");
    }
}
