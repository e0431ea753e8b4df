package samepage.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What the JDK alone can tell of a file's space: holes count as taken, and none can be punched. */
record PlainHostSpace(Path path) implements HostSpace {
    @Override
    public void punchHole(long offsetBytes, long lengthBytes) throws IOException {
        throw new VfsException(Errno.EOPNOTSUPP, "no way to punch holes here");
    }

    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws IOException {
        throw new VfsException(Errno.EOPNOTSUPP, "no way to reserve space here");
    }

    @Override
    public long allocatedBytes() throws IOException {
        return Files.size(path);
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }
}
