package samepage.linux.fuse;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.vfs.PosixSuite;
import samepage.vfs.PosixTree;

/** The POSIX suite by the system calls of an ordinary user, over a mount that root has made. */
class MountPosixByUserTest extends PosixSuite {
    private static final int USER = 1003;

    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    @Override
    protected PosixTree openTree() throws IOException {
        return MOUNT.begin(USER);
    }
}
