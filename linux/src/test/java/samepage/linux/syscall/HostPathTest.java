package samepage.linux.syscall;

import static org.assertj.core.api.Assertions.assertThat;
import static samepage.linux.syscall.HostTree.assertRefused;
import static samepage.linux.syscall.HostTree.name;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import samepage.errno.Errno;

final class HostPathTest {
    @ParameterizedTest
    @CsvSource({
        "a,.,a",
        "a/b,a,b",
        "/a,/,a",
        "//a,/,a",
        "/a/b//,/a,b",
        "a//b,a,b",
        "../b,..,b",
        "./b,.,b",
        "a/../b,a/..,b"
    })
    void split_pathThatEndsInAName_givesDirectoryAndName(String path, String parent, String name) {
        assertThat(HostPath.parent(name(path))).isEqualTo(name(parent));
        assertThat(HostPath.name(name(path))).isEqualTo(name(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "//", ".", "..", "a/..", "a/.", "a/../"})
    void name_ofPathThatEndsInNone_isNull(String path) {
        assertThat(HostPath.name(name(path))).isNull();
    }

    @ParameterizedTest
    @CsvSource({"a,b,a/b", "/,b,/b", "a/,b,a/b", "'',b,b"})
    void join_directoryAndName_isThePathOfTheEntry(String directory, String name, String path) {
        assertThat(HostPath.join(name(directory), name(name))).isEqualTo(name(path));
    }

    @Test
    void of_path_isItsText() {
        assertThat(HostPath.of(Path.of("/tmp/plain"))).isEqualTo(name("/tmp/plain"));
    }

    @Test
    void open_pathThatCannotBe_isRefused() {
        assertRefused(Errno.EINVAL, () -> HostDirectory.open(name("/tmp\0/x")));
        assertRefused(Errno.ENAMETOOLONG, () -> HostDirectory.open(name("/" + "x/".repeat(2048))));
        assertRefused(Errno.ENOENT, () -> HostDirectory.open(name("")));
    }
}
