package samepage.volume;

/**
 * A name in a directory.
 *
 * @param name 1 to 255 bytes, none of them '/' or 0; not to be changed
 * @param ino the inode it refers to
 * @param type that inode's type
 * @param cookie the entry's place in the directory's order, positive; stays the same while the entry exists. Entries
 *     whose names collide share a cookie.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record DirectoryEntry(byte[] name, long ino, FileType type, long cookie) {}
