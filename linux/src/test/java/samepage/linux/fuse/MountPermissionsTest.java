package samepage.linux.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import samepage.vfs.PermissionMatrix;
import samepage.vfs.PosixTree;

/** The permissions of a mount, of which the kernel checks most. */
class MountPermissionsTest extends PermissionMatrix {
    @TempDir
    static Path directory = Path.of("");

    private static @Nullable MountedForTest mount;

    @BeforeAll
    static void startDaemon() throws IOException {
        MountedForTest.assumePossible();
        mount = new MountedForTest(directory.toRealPath());
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
