package samepage.linux.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import samepage.vfs.PosixSuite;
import samepage.vfs.PosixTree;

/** The POSIX suite over a mount whose requests come by io_uring, by the system calls of root and of other users. */
class MountPosixByRingsTest extends PosixSuite {
    @TempDir
    static Path directory = Path.of("");

    private static @Nullable MountedForTest mount;

    @BeforeAll
    static void startDaemon() throws IOException {
        MountedForTest.assumePossible();
        mount = MountedForTest.byRings(directory.toRealPath());
    }

    @AfterAll
    static void endDaemon() throws IOException {
        if (mount != null) {
            mount.close();
        }
    }

    @Override
    protected PosixTree openTree() throws IOException {
        var mounted = Objects.requireNonNull(mount);
        mounted.begin();
        return new HostPosixTree(mounted, 0, 0, new int[0], 0);
    }
}
