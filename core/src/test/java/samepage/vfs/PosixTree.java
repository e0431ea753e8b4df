package samepage.vfs;

import java.io.IOException;
import java.util.List;
import samepage.volume.FileType;
import samepage.volume.Timestamp;

/**
 * A POSIX tree as the suite sees it, whatever it is reached through. Each character of a path or name is one byte. Refusals
 * are VfsExceptions.
 */
public interface PosixTree extends AutoCloseable {
    /** The same tree on behalf of an ordinary user. */
    PosixTree as(int uid, int gid, int... groups);

    /** The same tree with a umask; without it there is none. */
    PosixTree withUmask(int umask);

    record Stat(
            long ino,
            FileType type,
            int permissions,
            int uid,
            int gid,
            int linkCount,
            long deviceNumber,
            long sizeBytes,
            long allocatedBytes,
            Timestamp accessTime,
            Timestamp modifyTime,
            Timestamp changeTime) {}

    Stat stat(String path) throws IOException;

    Stat lstat(String path) throws IOException;

    void access(String path, int mask) throws IOException;

    void chmod(String path, int mode) throws IOException;

    /** Not following a symbolic link; -1 keeps. */
    void lchown(String path, int uid, int gid) throws IOException;

    void setTimes(String path, Timestamp access, Timestamp modify) throws IOException;

    void touch(String path) throws IOException;

    void truncate(String path, long sizeBytes) throws IOException;

    /** Creates exclusively. */
    void create(String path, int mode) throws IOException;

    void mkdir(String path, int mode) throws IOException;

    void makeNode(String path, int mode, long deviceNumber) throws IOException;

    void symlink(String target, String path) throws IOException;

    String readlink(String path) throws IOException;

    void link(String existing, String path) throws IOException;

    void unlink(String path) throws IOException;

    void rmdir(String path) throws IOException;

    void rename(String path, String newPath, RenameMode mode) throws IOException;

    default void rename(String path, String newPath) throws IOException {
        rename(path, newPath, RenameMode.REPLACE);
    }

    /** The names in a directory, "." and ".." not among them, sorted. */
    List<String> list(String path) throws IOException;

    byte[] getXattr(String path, String name) throws IOException;

    void setXattr(String path, String name, byte[] value, XattrMode mode) throws IOException;

    List<String> listXattrs(String path) throws IOException;

    void removeXattr(String path, String name) throws IOException;

    /** Whether access control lists bind anybody; else root can keep them. */
    default boolean heedsAccessControlLists() {
        return false;
    }

    /** Sets the immutable and append-only flags of InodeRecord. */
    void setFlags(String path, int flags) throws IOException;

    PosixFile open(String path, OpenFlag... flags) throws IOException;

    PosixFile createAndOpen(String path, int mode, OpenFlag... flags) throws IOException;

    PosixFile openUnnamed(String directory, int mode) throws IOException;

    /** Ends this mount and begins another; no file is open. */
    void remount() throws IOException;

    /** An open file. */
    interface PosixFile extends AutoCloseable {
        byte[] read(long offset, int length) throws IOException;

        int write(long offset, byte[] content) throws IOException;

        void truncate(long sizeBytes) throws IOException;

        void fsync() throws IOException;

        Stat stat() throws IOException;

        /** Gives it a name. */
        void link(String path) throws IOException;

        @Override
        void close() throws IOException;
    }

    @Override
    void close() throws IOException;
}
