package samepage.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternTest {
    @ParameterizedTest
    @CsvSource({
        "*.jar, lib/a.jar, true",
        "*.jar, a.jar, true",
        "*.jar, a.jar/inside, true",
        "*.jar, lib/a.jars, false",
        "lib/, lib/a, true",
        "lib/, deep/lib/a, true",
        "lib/, lib, false",
        "/lib, lib/a, true",
        "/lib, deep/lib/a, false",
        "a/b, a/b/c, true",
        "a/b, x/a/b, false",
        "a/**/z, a/z, true",
        "a/**/z, a/b/c/z, true",
        "**/z, b/c/z, true",
        "a/*, a/b/c, true",
        "a/*/c, a/b/x/c, false",
        "file[0-4], x/file3, true",
        "file[!0-4], x/file3, false",
        "file?, file/, false",
        "a.b, axb, false",
        "\\*, *, true",
        "\\*, a, false",
    })
    void fitsFile_asInGitignore(String pattern, String path, boolean fits) {
        assertThat(PathPattern.of(pattern).fitsFile(path.getBytes(ISO_8859_1))).isEqualTo(fits);
    }

    @ParameterizedTest
    @CsvSource({"lib/, lib, true", "lib/, a/lib, true", "/lib/, a/lib, false", "*.o, a.o, true", "a/b, a, false"})
    void fitsDirectory_allBelowFits(String pattern, String path, boolean fits) {
        assertThat(PathPattern.of(pattern).fitsDirectory(path.getBytes(ISO_8859_1)))
                .isEqualTo(fits);
    }
}
