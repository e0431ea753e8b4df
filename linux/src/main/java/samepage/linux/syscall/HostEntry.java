package samepage.linux.syscall;

/**
 * One name in a directory, as a listing gives it.
 *
 * @param name the bytes of the name; not copied, to be left unchanged
 * @param inode the number of the inode; for a mount point, that of the directory underneath
 * @param type the type, or {@link HostFileType#UNKNOWN} where the file system does not say
 */
// A record compares arrays by identity; nothing compares entries.
@SuppressWarnings("ArrayRecordComponent")
public record HostEntry(byte[] name, long inode, HostFileType type) {}
