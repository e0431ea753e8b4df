package samepage.block;

import java.io.IOException;

/**
 * What the host knows about the storage under a volume's data file and the JDK does not tell: how much of it is taken, how much
 * could be, and how to give some back. Safe for use by several threads.
 */
public interface HostSpace {
    /**
     * Gives the storage of a range back to the host. The range reads as zeros afterwards and the file keeps its size; only whole host
     * blocks inside the range are given back, the rest is zeroed.
     *
     * @throws IOException a {@link samepage.errno.VfsException}: {@code EOPNOTSUPP} where the host cannot do so; then nothing changed
     */
    void punchHole(long offsetBytes, long lengthBytes) throws IOException;

    /**
     * Takes storage for a range, which reads as before; where it ends past the file's end the file may become longer.
     *
     * @throws IOException a {@link samepage.errno.VfsException}: {@code EOPNOTSUPP} where the host cannot do so, {@code ENOSPC}
     */
    void reserve(long offsetBytes, long lengthBytes) throws IOException;

    /** The bytes of storage the data file takes on the host now; holes take none. */
    long allocatedBytes() throws IOException;

    /** The bytes that this process may still allocate on the host's file system, the part reserved for root left out. */
    long usableBytes() throws IOException;
}
