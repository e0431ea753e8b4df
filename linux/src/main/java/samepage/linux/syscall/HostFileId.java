package samepage.linux.syscall;

/** Which file it is, among all there are on the host now: two names with the same identity are hard links of one file. */
public record HostFileId(int deviceMajor, int deviceMinor, long inode) {}
