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

/** The POSIX suite over a mount that an ordinary user has made and serves, by the system calls of that user. */
class UserMountPosixTest extends PosixSuite {
    /** "nobody": fusermount3 wants a user that has a name. */
    private static final int USER = 65_534;

    @TempDir
    static Path directory = Path.of("");

    private static @Nullable MountedForTest mount;

    @BeforeAll
    static void startDaemon() throws IOException {
        MountedForTest.assumePossibleForAnOrdinaryUser();
        mount = MountedForTest.byAnOrdinaryUser(directory.toRealPath(), USER);
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
        return new HostPosixTree(mounted, USER, USER, new int[0], 0);
    }
}
