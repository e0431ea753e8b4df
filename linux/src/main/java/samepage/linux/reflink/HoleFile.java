package samepage.linux.reflink;

import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.ReadAdvice;

/**
 * A file without a name that is one long hole: zeros that are stored share its storage, which is none. Making it tells whether
 * the file system can share at all.
 */
final class HoleFile implements AutoCloseable {
    /** No file system in use allows less, and no file worth a thought is longer. */
    private static final long SIZE_BYTES = 1L << 43;

    private final HostFile file;

    private HoleFile(HostFile file) {
        this.file = file;
    }

    /**
     * Makes one in the directory; null where no file may be made there.
     *
     * @throws VfsException EOPNOTSUPP where the file system cannot share storage
     */
    static @Nullable HoleFile create(HostDirectory directory, int blockSize) throws VfsException {
        HostFile file;
        try {
            file = directory.createUnnamed();
        } catch (VfsException e) {
            return null;
        }
        try {
            file.truncate(SIZE_BYTES);
            file.dedupe(0, file, blockSize, blockSize);
            return new HoleFile(file);
        } catch (VfsException e) {
            file.close();
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOTTY || e.errno() == Errno.ENOSYS) {
                throw new VfsException(Errno.EOPNOTSUPP, "this file system cannot share storage between files", e)
                        .with("path", directory.path());
            }
            return null;
        }
    }

    HostFile file() {
        return file;
    }

    boolean reaches(long endOffset) {
        return endOffset <= SIZE_BYTES;
    }

    /** The kernel has put pages of zeros into its cache, to compare with. */
    void forgetPages(long offset, long length) throws VfsException {
        file.advise(ReadAdvice.DONT_NEED, offset, length);
    }

    @Override
    public void close() {
        file.close();
    }
}
