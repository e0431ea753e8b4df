package samepage.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import samepage.errno.VfsException;

/** What failures are called towards people. */
final class FailureText {
    private FailureText() {}

    /** Why, without the file it is about: for lines that begin with its name. */
    static String why(Throwable failure) {
        return switch (failure) {
            case VfsException refused -> refused.errno().text();
            case UncheckedIOException wrapped -> why(Objects.requireNonNull(wrapped.getCause()));
            case IOException other -> whole(other);
            default -> String.valueOf(failure.getMessage());
        };
    }

    /** All that is known. */
    static String whole(Throwable failure) {
        return switch (failure) {
            case VfsException refused -> withoutNumberText(refused);
            case UncheckedIOException wrapped -> whole(Objects.requireNonNull(wrapped.getCause()));
            case NoSuchFileException missing -> missing.getFile() + ": No such file or directory";
            case AccessDeniedException denied -> denied.getFile() + ": Permission denied";
            case FileSystemException other ->
                other.getFile() + ": "
                        + (other.getReason() == null ? other.getClass().getSimpleName() : other.getReason());
            case IOException other when other.getMessage() != null -> other.getMessage();
            default -> String.valueOf(failure);
        };
    }

    /** The words of a refusal; those of its number only where there are no others. */
    private static String withoutNumberText(VfsException refused) {
        var message = String.valueOf(refused.getMessage());
        var numberText = " (" + refused.errno().text() + ")";
        return message.endsWith(numberText) ? message.substring(0, message.length() - numberText.length()) : message;
    }
}
