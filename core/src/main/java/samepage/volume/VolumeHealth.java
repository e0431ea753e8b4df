package samepage.volume;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** Whether a volume may be changed: not where it is open for reading only, and never again once it has been stopped. */
final class VolumeHealth {
    private final boolean readOnly;
    private volatile @Nullable Stopped stopped;

    /** Why nothing is written any more. */
    private record Stopped(
            Errno errno, String text, @Nullable Throwable cause) {
        VfsException refusal() {
            return cause == null ? new VfsException(errno, text) : new VfsException(errno, text, cause);
        }
    }

    VolumeHealth(boolean readOnly) {
        this.readOnly = readOnly;
    }

    boolean isWritable() {
        return !readOnly && stopped == null;
    }

    void checkWritable() throws VfsException {
        Stopped now = stopped;
        if (now != null) {
            throw now.refusal();
        }
        if (readOnly) {
            throw new VfsException(Errno.EROFS, "the volume is open for reading only");
        }
    }

    /** Nothing is written from now on; gives the refusal that everyone gets. The first reason stays the reason. */
    synchronized VfsException stop(String why, @Nullable Throwable cause) {
        Stopped first = stopped;
        if (first == null) {
            Errno errno =
                    cause instanceof VfsException known && known.errno() == Errno.ENOSPC ? Errno.ENOSPC : Errno.EIO;
            String text = "the volume was stopped, what was committed is safe: " + why;
            first = new Stopped(errno, text + (cause == null ? "" : ": " + words(cause)), cause);
            stopped = first;
        }
        return first.refusal();
    }

    private static String words(Throwable cause) {
        return cause instanceof IOException && cause.getMessage() != null ? cause.getMessage() : cause.toString();
    }
}
