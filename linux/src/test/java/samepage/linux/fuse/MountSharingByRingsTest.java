package samepage.linux.fuse;

import org.junit.jupiter.api.extension.RegisterExtension;

/** The same where requests come by io_uring. */
class MountSharingByRingsTest extends MountSharingSuite {
    @RegisterExtension
    static final MountedForTest MOUNT = MountedForTest.byRootWithRings();

    @Override
    MountedForTest mount() {
        return MOUNT;
    }
}
