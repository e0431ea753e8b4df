package samepage.linux.fuse;

import java.nio.charset.StandardCharsets;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.HostMount;
import samepage.linux.syscall.HostProcess;

/** Mounts as root may: by mount(2) itself. */
final class RootMount {
    private RootMount() {}

    /** The device of the new mount. */
    static HostFile mount(byte[] directory, FuseOptions options) throws VfsException {
        HostFile device = FuseDevice.open();
        try {
            HostMount.mount(
                    options.source().getBytes(StandardCharsets.ISO_8859_1),
                    directory,
                    ascii(options.subtype().isEmpty() ? "fuse" : "fuse." + options.subtype()),
                    flags(options),
                    ascii(data(device, options)));
            return device;
        } catch (Throwable e) {
            device.close();
            throw e;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static long flags(FuseOptions options) {
        return (options.readOnly() ? HostMount.READ_ONLY : 0)
                | (options.setIds() ? 0 : HostMount.NO_SET_ID)
                | (options.devices() ? 0 : HostMount.NO_DEVICES)
                | (options.execution() ? 0 : HostMount.NO_EXECUTION)
                | switch (options.accessTimes()) {
                    case RELATIVE -> 0;
                    case NEVER -> HostMount.NO_ACCESS_TIMES;
                    case ALWAYS -> HostMount.STRICT_ACCESS_TIMES;
                };
    }

    private static String data(HostFile device, FuseOptions options) {
        return "fd=" + device.number() + ",rootmode=40000,user_id=" + HostProcess.userId() + ",group_id="
                + HostProcess.groupId() + ",default_permissions" + (options.allowOther() ? ",allow_other" : "");
    }
}
