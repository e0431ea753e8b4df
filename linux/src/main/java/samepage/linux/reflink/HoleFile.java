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
    private static final long LARGEST_BYTES = 1L << 43;

    private static final long SMALLEST_BYTES = 1L << 30;

    private final HostFile file;
    private final long sizeBytes;

    private HoleFile(HostFile file, long sizeBytes) {
        this.file = file;
        this.sizeBytes = sizeBytes;
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
            file.truncate(2L * blockSize);
            file.dedupe(0, file, blockSize, blockSize);
            return new HoleFile(file, lengthen(file));
        } catch (VfsException e) {
            file.close();
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOTTY || e.errno() == Errno.ENOSYS) {
                throw new VfsException(Errno.EOPNOTSUPP, "this file system cannot share storage between files", e)
                        .with("path", directory.path());
            }
            return null;
        }
    }

    /** As long as the file system allows. */
    private static long lengthen(HostFile file) throws VfsException {
        for (long size = LARGEST_BYTES; ; size /= 8) {
            try {
                file.truncate(size);
                return size;
            } catch (VfsException e) {
                if (e.errno() != Errno.EFBIG || size <= SMALLEST_BYTES) {
                    throw e;
                }
            }
        }
    }

    HostFile file() {
        return file;
    }

    boolean reaches(long endOffset) {
        return endOffset <= sizeBytes;
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
