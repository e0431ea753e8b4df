package samepage.linux.fuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.OpenFlags;

/** The kernel's end of FUSE. */
final class FuseDevice {
    private static final byte[] PATH = "/dev/fuse".getBytes(StandardCharsets.US_ASCII);

    /** _IOR(229, 0, u32). */
    private static final long CLONE = 0x8004E500L;

    private FuseDevice() {}

    /** Opens it; what is read and written means nothing until it is mounted. */
    static HostFile open() throws VfsException {
        return HostFile.open(PATH, OpenFlags.READ_WRITE, 0);
    }

    /** One that was opened by another program. */
    static HostFile ofDescriptor(int number) {
        return HostFile.ofDescriptor(number, PATH);
    }

    /**
     * Another descriptor of the same mount, with a queue of its own for requests on their way: threads with one each do not
     * wait for each other. Where the device may not be opened the given one, which does as well.
     */
    static HostFile cloneOf(HostFile device) {
        HostFile clone;
        try {
            clone = open();
        } catch (VfsException e) {
            return device;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            number.set(ValueLayout.JAVA_INT, 0, device.number());
            clone.control(CLONE, number);
            return clone;
        } catch (VfsException e) {
            clone.close();
            return device;
        }
    }
}
