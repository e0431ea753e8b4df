package samepage.vfs;

import java.io.IOException;

/** The POSIX suite over the core itself. */
class VfsPosixTest extends PosixSuite {
    @Override
    protected PosixTree openTree() throws IOException {
        return new VfsPosixTree(new TestMount(), Caller.ROOT);
    }
}
