package samepage.linux.fuse;

import java.io.IOException;
import java.nio.file.Path;

/** The same where requests come by io_uring. */
class MountSharingByRingsTest extends MountSharingTest {
    @Override
    MountedForTest daemon(Path at) throws IOException {
        return MountedForTest.byRings(at);
    }
}
