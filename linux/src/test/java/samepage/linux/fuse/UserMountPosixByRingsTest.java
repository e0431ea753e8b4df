package samepage.linux.fuse;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.vfs.PosixSuite;
import samepage.vfs.PosixTree;

/** The POSIX suite over a mount that an ordinary user has made and serves, by io_uring and the system calls of that user. */
class UserMountPosixByRingsTest extends PosixSuite {
    /** "nobody": fusermount3 wants a user that has a name. */
    private static final int USER = 65_534;

    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byAnOrdinaryUser(USER, true);

    @Override
    protected PosixTree openTree() throws IOException {
        return MOUNT.begin(USER);
    }
}
