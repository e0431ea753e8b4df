package samepage.linux.syscall;

import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * struct btrfs_ioctl_dev_info_args, 4096 bytes: asked with the number of a device, it answers with its path.
 *
 * <pre>
 *   0 devid u64   8 uuid 16 bytes   24 ...   3072 path 1024 bytes, ends in NUL
 * </pre>
 */
final class DeviceFormat {
    private static final long BTRFS_IOC_DEV_INFO = 0xD000941EL;

    /** Devices have numbers from 1 on; where one was taken away, its number is missing. */
    private static final int HIGHEST_TRIED = 64;

    private static final int PATH = 3072;
    private static final int BYTES = 4096;

    private DeviceFormat() {}

    /** The path of one of the devices that a Btrfs is on; null for what is no Btrfs. */
    static byte @Nullable [] anyDevice(HostDirectory directory) {
        var arguments = CallScratch.ofThread().bulk().asSlice(0, BYTES);
        for (long device = 1; device <= HIGHEST_TRIED; device++) {
            arguments.fill((byte) 0);
            arguments.set(ValueLayout.JAVA_LONG, 0, device);
            if (FileCalls.control(directory.number(), BTRFS_IOC_DEV_INFO, arguments) == 0
                    && arguments.get(ValueLayout.JAVA_BYTE, PATH) != 0) {
                return CStrings.read(arguments, PATH, BYTES);
            }
        }
        return null;
    }
}
