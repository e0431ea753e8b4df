package samepage.linux.syscall;

import java.nio.file.Path;
import samepage.block.HostSpace;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** The host's space under a data file, or under a raw device, which has all of its own and no more. Has a descriptor of its own. */
public final class LinuxHostSpace implements HostSpace, AutoCloseable {
    private final HostFile dataFile;
    private final boolean isDevice;

    private LinuxHostSpace(HostFile dataFile, boolean isDevice) {
        this.dataFile = dataFile;
        this.isDevice = isDevice;
    }

    /** Opens the existing data file. {@code EINVAL} for what is neither a regular file nor a block device. */
    public static LinuxHostSpace of(Path dataFile) throws VfsException {
        var opened = HostFile.open(HostPath.of(dataFile), OpenFlags.READ_WRITE | OpenFlags.NOT_BLOCKING, 0);
        try {
            return switch (opened.stat().type()) {
                case REGULAR -> new LinuxHostSpace(opened, false);
                case BLOCK_DEVICE -> new LinuxHostSpace(opened, true);
                default ->
                    throw new VfsException(Errno.EINVAL, "neither a regular file nor a block device")
                            .with("path", opened.path());
            };
        } catch (VfsException refused) {
            opened.close();
            throw refused;
        }
    }

    @Override
    public void punchHole(long offsetBytes, long lengthBytes) throws VfsException {
        dataFile.punchHole(offsetBytes, lengthBytes);
    }

    /** The file becomes longer where it must: past the end of a file ext4 punches no holes, and would never take it back. */
    @Override
    public void reserve(long offsetBytes, long lengthBytes) throws VfsException {
        if (!isDevice) {
            dataFile.allocate(0, offsetBytes, lengthBytes);
        }
    }

    @Override
    public long allocatedBytes() throws VfsException {
        return isDevice ? dataFile.sizeBytes() : dataFile.stat().allocatedBytes();
    }

    @Override
    public long usableBytes() throws VfsException {
        return isDevice ? 0 : dataFile.fileSystem().usableBytes();
    }

    @Override
    public void close() {
        dataFile.close();
    }
}
