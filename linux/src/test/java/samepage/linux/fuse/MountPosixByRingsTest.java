package samepage.linux.fuse;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.vfs.PosixSuite;
import samepage.vfs.PosixTree;

/** The POSIX suite over a mount whose requests come by io_uring, by the system calls of root and of other users. */
class MountPosixByRingsTest extends PosixSuite {
    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRootWithRings();

    @Override
    protected PosixTree openTree() throws IOException {
        return MOUNT.begin(0);
    }
}
