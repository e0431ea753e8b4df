package samepage.vfs;

import java.io.IOException;

/** The permissions of core. */
class VfsPermissionsTest extends PermissionMatrix {
    @Override
    protected PosixTree openTree() throws IOException {
        return new VfsPosixTree(new TestMount(), Caller.ROOT);
    }
}
