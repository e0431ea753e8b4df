package samepage.linux.syscall;

/**
 * Something that has happened to a name in a directory.
 *
 * @param directory stands for it, for {@link HostDirectory#openByHandle}; equal bytes, equal directories
 * @param name in it
 * @param isDirectory whether the name is that of a directory
 * @param isArrival whether the name was not there before
 * @param isMove whether the name went or came by renaming
 */
// A record compares arrays by identity; nothing compares changes.
@SuppressWarnings("ArrayRecordComponent")
public record HostChange(byte[] directory, byte[] name, boolean isDirectory, boolean isArrival, boolean isMove) {}
