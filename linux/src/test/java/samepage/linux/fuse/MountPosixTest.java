package samepage.linux.fuse;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.vfs.PosixSuite;
import samepage.vfs.PosixTree;

/** The POSIX suite over a mount, by the system calls of root and of other users. */
class MountPosixTest extends PosixSuite {
    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    @Override
    protected PosixTree openTree() throws IOException {
        return MOUNT.begin(0);
    }
}
