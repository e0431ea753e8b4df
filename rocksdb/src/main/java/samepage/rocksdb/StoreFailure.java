package samepage.rocksdb;

import java.nio.file.Path;
import java.util.Objects;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** RocksDB's failures with their error numbers. */
final class StoreFailure {
    private StoreFailure() {}

    static VfsException of(String text, Path directory, RocksDBException failure) {
        return isCorruption(failure)
                ? failure("metadata store is damaged", Errno.EIO, directory, failure)
                : failure(text, isOutOfSpace(failure) ? Errno.ENOSPC : Errno.EIO, directory, failure);
    }

    static VfsException ofOpen(Path directory, RocksDBException failure) {
        // RocksDB says which file it could not lock, and why, in words alone.
        if (reason(failure).contains("lock")) {
            return failure("metadata store is in use", Errno.EBUSY, directory, failure);
        }
        return of("opening the metadata store failed", directory, failure);
    }

    private static VfsException failure(String text, Errno errno, Path directory, RocksDBException failure) {
        return new VfsException(errno, text, failure).with("path", directory).with("reason", reason(failure));
    }

    private static boolean isCorruption(RocksDBException failure) {
        var status = failure.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    private static boolean isOutOfSpace(RocksDBException failure) {
        var status = failure.getStatus();
        return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
                || reason(failure).contains("No space left on device");
    }

    private static String reason(RocksDBException failure) {
        return Objects.requireNonNullElse(failure.getMessage(), "unknown");
    }
}
