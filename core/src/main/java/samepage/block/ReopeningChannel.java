package samepage.block;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A file channel that no interrupt takes away. A {@link FileChannel} closes itself, for all its users, when a thread inside
 * one of its operations is interrupted. So a transfer puts the thread's interrupt status aside, opens the file anew where
 * the channel was closed under it, runs again, and restores the status at the end. Transfers must therefore be repeatable;
 * positional reads and writes are.
 */
final class ReopeningChannel implements AutoCloseable {
    private final Path path;
    private final Set<? extends OpenOption> options;
    private final @Nullable Object fileKey;

    private volatile FileChannel channel;

    @GuardedBy("this") private boolean closed;

    ReopeningChannel(Path path, Set<? extends OpenOption> options) throws IOException {
        this.path = path;
        this.options = options;
        this.channel = FileChannel.open(path, options);
        this.fileKey = fileKey(path);
    }

    @FunctionalInterface
    interface Transfer {
        int on(FileChannel channel) throws IOException;
    }

    /** Runs the transfer to its end, however often the thread is interrupted meanwhile. */
    int transfer(Transfer transfer) throws IOException {
        var interrupted = Thread.interrupted();
        try {
            while (true) {
                var current = channel;
                try {
                    return transfer.on(current);
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                    replace(current);
                } catch (ClosedChannelException e) {
                    replace(current);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The channel as it is, for what must not be run again: an interrupt may close it, which the next transfer mends. */
    FileChannel current() throws IOException {
        FileChannel now = channel;
        if (!now.isOpen()) {
            replace(now);
        }
        return channel;
    }

    @SuppressWarnings("ReferenceEquality") // Whether another thread has replaced it meanwhile.
    private synchronized void replace(FileChannel broken) throws IOException {
        if (closed) {
            throw new IllegalStateException("block device is closed: path=" + path);
        }
        if (channel != broken) {
            return;
        }
        var reopened = FileChannel.open(path, options);
        if (!Objects.equals(fileKey, fileKey(path))) {
            reopened.close();
            throw new VfsException(Errno.EIO, "another file stands in the block device's place").with("path", path);
        }
        channel = reopened;
    }

    private static @Nullable Object fileKey(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
