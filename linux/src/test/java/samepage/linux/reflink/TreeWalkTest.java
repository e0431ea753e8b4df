package samepage.linux.reflink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import samepage.linux.syscall.HostPath;

final class TreeWalkTest {
    private static final int WALKERS = 4;

    @TempDir
    private Path scratch;

    @Test
    void walk_directoryOfManyFiles_handsOnEachOnce() throws IOException {
        int files = 3 * TreeWalk.ENTRIES_AT_ONCE + 17;
        for (int i = 0; i < files; i++) {
            Files.writeString(scratch.resolve("file" + i), "x");
        }
        assertThat(walk().found).hasSize(files).doesNotHaveDuplicates();
    }

    @Test
    void walk_directoryOfManyDirectories_looksIntoEachOnceAndKeepsFewInMind() throws IOException {
        int directories = 8 * TreeWalk.ENTRIES_AT_ONCE;
        for (int i = 0; i < directories; i++) {
            Files.createDirectory(scratch.resolve("directory" + i));
            if (i % 100 == 0) {
                Files.writeString(scratch.resolve("directory" + i + "/file"), "x");
            }
        }
        Walked walked = walk();
        assertThat(walked.found).hasSize((directories + 99) / 100).doesNotHaveDuplicates();
        assertThat(walked.mostWaiting).isLessThan((WALKERS + 2) * TreeWalk.ENTRIES_AT_ONCE);
    }

    private record Walked(List<String> found, int mostWaiting) {}

    private Walked walk() throws IOException {
        var found = new ConcurrentLinkedQueue<String>();
        var mostWaiting = new AtomicInteger();
        try (var root = TreeRoot.open(HostPath.of(scratch))) {
            var walk = new TreeWalk(
                    List.of(root), TreeChanges.ALL, TreeFilter.ALL, (path, reason) -> {}, 1 << 10, () -> false);
            walk.walk(WALKERS, (file, directory, name) -> {
                found.add(new String(file.path(), StandardCharsets.UTF_8));
                mostWaiting.accumulateAndGet(walk.waiting(), Math::max);
            });
        }
        assertThat(new HashSet<>(found)).hasSameSizeAs(found);
        return new Walked(List.copyOf(found), mostWaiting.get());
    }
}
