package samepage.linux.syscall;

import java.lang.foreign.ValueLayout;

/**
 * struct btrfs_ioctl_ino_lookup_args, 4096 bytes: asked with tree 0 and the number of a subvolume's root directory, it answers
 * with the subvolume that the descriptor is in.
 *
 * <pre>
 *   0 treeid u64   8 objectid u64   16 name 4080 bytes
 * </pre>
 */
final class SubvolumeFormat {
    private static final long BTRFS_IOC_INO_LOOKUP = 0xD0009412L;
    private static final long ROOT_DIRECTORY = 256;
    private static final int TREE = 0;
    private static final int OBJECT = TREE + Long.BYTES;
    private static final int BYTES = 4096;

    private SubvolumeFormat() {}

    static long subvolume(HostDirectory directory) {
        var arguments = CallScratch.ofThread().bulk().asSlice(0, BYTES);
        arguments.fill((byte) 0);
        arguments.set(ValueLayout.JAVA_LONG, OBJECT, ROOT_DIRECTORY);
        var result = FileCalls.control(directory.number(), BTRFS_IOC_INO_LOOKUP, arguments);
        return result < 0 ? 0 : arguments.get(ValueLayout.JAVA_LONG, TREE);
    }
}
