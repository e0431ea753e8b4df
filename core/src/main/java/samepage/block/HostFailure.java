package samepage.block;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** The host's failures with their error numbers, which the JDK tells by exception types and strerror(3)'s words. */
final class HostFailure {
    /** A quota and the largest file size bound the device as a full disk does; they do not concern the volume's own files. */
    private static final List<Errno> OUT_OF_SPACE = List.of(Errno.ENOSPC, Errno.EDQUOT, Errno.EFBIG);

    private static final List<Errno> TOLD_AS_THEY_ARE = List.of(Errno.EROFS, Errno.EACCES, Errno.EPERM, Errno.EMFILE);

    private HostFailure() {}

    static VfsException of(String text, Path path, IOException failure) {
        if (failure instanceof VfsException known) {
            return known;
        }
        return new VfsException(errno(path, failure), text, failure)
                .with("path", path.toString().getBytes(StandardCharsets.UTF_8))
                .with("reason", reason(failure));
    }

    private static Errno errno(Path path, IOException failure) {
        return switch (failure) {
            case NoSuchFileException missing -> Errno.ENOENT;
            case FileAlreadyExistsException present -> Errno.EEXIST;
            case AccessDeniedException denied -> Errno.EACCES;
            default -> errnoOfWords(path, reason(failure).toLowerCase(Locale.ROOT));
        };
    }

    private static Errno errnoOfWords(Path path, String words) {
        if (OUT_OF_SPACE.stream().anyMatch(errno -> says(words, errno))) {
            return Errno.ENOSPC;
        }
        for (var errno : TOLD_AS_THEY_ARE) {
            if (says(words, errno)) {
                return errno;
            }
        }
        return !says(words, Errno.EIO) && isFull(path) ? Errno.ENOSPC : Errno.EIO;
    }

    private static boolean says(String words, Errno errno) {
        return words.contains(errno.text().toLowerCase(Locale.ROOT));
    }

    /** Asked where the words say nothing: strerror(3) speaks the user's language. */
    private static boolean isFull(Path path) {
        try {
            return Files.getFileStore(path).getUsableSpace() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String reason(IOException failure) {
        var reason = failure instanceof FileSystemException host ? host.getReason() : failure.getMessage();
        return Objects.requireNonNullElse(reason, failure.getClass().getSimpleName());
    }
}
