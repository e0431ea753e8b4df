package samepage.linux.fuse;

import java.io.IOException;
import org.junit.jupiter.api.extension.RegisterExtension;
import samepage.vfs.PermissionMatrix;
import samepage.vfs.PosixTree;

/** The permissions of a mount, of which the kernel checks most. */
class MountPermissionsTest extends PermissionMatrix {
    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    @Override
    protected PosixTree openTree() throws IOException {
        return MOUNT.begin(0);
    }
}
