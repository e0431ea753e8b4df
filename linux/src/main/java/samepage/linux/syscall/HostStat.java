package samepage.linux.syscall;

import org.jspecify.annotations.Nullable;

/**
 * What an inode says of itself.
 *
 * @param id which file it is
 * @param mode type and permission bits, as {@code st_mode}
 * @param linkCount the number of names
 * @param userId unsigned
 * @param groupId unsigned
 * @param specialMajor for a device file, the device's major number
 * @param specialMinor for a device file, the device's minor number
 * @param sizeBytes the size; of a symbolic link, that of its target
 * @param allocatedBytes the storage taken; holes take none
 * @param blockSizeBytes the size that suits input and output
 * @param born the time of creation; null where the file system does not keep it
 */
public record HostStat(
        HostFileId id,
        int mode,
        int linkCount,
        int userId,
        int groupId,
        int specialMajor,
        int specialMinor,
        long sizeBytes,
        long allocatedBytes,
        int blockSizeBytes,
        HostTime accessed,
        HostTime modified,
        HostTime changed,
        @Nullable HostTime born) {

    public HostFileType type() {
        return HostFileType.ofMode(mode);
    }

    /** The permission, set-id and sticky bits: mode without the type. */
    public int permissions() {
        return mode & 07777;
    }

    public boolean isRegular() {
        return type() == HostFileType.REGULAR;
    }

    public boolean isDirectory() {
        return type() == HostFileType.DIRECTORY;
    }

    public boolean isSymbolicLink() {
        return type() == HostFileType.SYMBOLIC_LINK;
    }
}
