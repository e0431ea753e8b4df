package samepage.linux.fuse;

import org.junit.jupiter.api.extension.RegisterExtension;

/** Clone and dedupe through a mount of root. */
class MountSharingTest extends MountSharingSuite {
    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRoot();

    @Override
    MountedForTest mount() {
        return MOUNT;
    }
}
