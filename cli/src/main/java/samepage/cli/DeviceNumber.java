package samepage.cli;

/** The numbers of device files, as one number in {@code st_rdev}. */
final class DeviceNumber {
    private DeviceNumber() {}

    static long of(int major, int minor) {
        return (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & 0xffffff00L) << 12 | (major & 0xfffff000L) << 32;
    }

    static int major(long number) {
        return (int) ((number >>> 8 & 0xfff) | (number >>> 32 & 0xfffff000L));
    }

    static int minor(long number) {
        return (int) ((number & 0xff) | (number >>> 12 & 0xffffff00L));
    }
}
