package samepage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VolumePathTest {
    @Test
    void split_noSeparator_isTheRoot() {
        assertSplit("vol", Set.of(), Set.of(), "vol", "/");
    }

    @Test
    void split_pathInside_isTakenApart() {
        assertSplit("dir/vol:/a/b", Set.of("dir/vol"), Set.of(), "dir/vol", "/a/b");
    }

    @Test
    void split_volumeWithSeparatorInItsPath_longestVolumeWins() {
        assertSplit("a:/b:/c", Set.of("a", "a:/b"), Set.of(), "a:/b", "/c");
        assertSplit("a:/b:/c", Set.of("a:/b:/c"), Set.of(), "a:/b:/c", "/");
    }

    @Test
    void split_pathInsideWithSeparator_belongsToThePath() {
        assertSplit("a:/b:/c", Set.of("a"), Set.of(), "a", "/b:/c");
    }

    @Test
    void split_noVolume_secondChoiceThenTheFirstSeparator() {
        assertSplit("a:/b:/c", Set.of(), Set.of("a:/b"), "a:/b", "/c");
        assertSplit("a:/b:/c", Set.of(), Set.of(), "a", "/b:/c");
    }

    @Test
    void split_colonWithoutSlash_separatesNothing() {
        assertSplit("a:b", Set.of(), Set.of(), "a:b", "/");
    }

    private static void assertSplit(
            String argument, Set<String> volumes, Set<String> others, String volume, String path) {
        var split = VolumePath.split(
                argument.getBytes(StandardCharsets.UTF_8),
                prefix -> volumes.contains(new String(prefix, StandardCharsets.UTF_8)),
                prefix -> others.contains(new String(prefix, StandardCharsets.UTF_8)));

        assertThat(split.volume()).asString(StandardCharsets.UTF_8).isEqualTo(volume);
        assertThat(split.path()).asString(StandardCharsets.UTF_8).isEqualTo(path);
    }
}
