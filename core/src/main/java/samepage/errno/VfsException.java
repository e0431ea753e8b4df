package samepage.errno;

import java.io.IOException;

/**
 * A refusal with its error number. The message is a constant text, then named values, then what the number means:
 * {@code range is not aligned: inode=17 offset=4096 (Invalid argument)}.
 *
 * <pre>{@code throw new VfsException(Errno.EINVAL, "range is not aligned").with("inode", 17).with("offset", 4096);}</pre>
 */
public final class VfsException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Errno errno;
    private final String text;
    private String values = "";

    /** A refusal that needs no words besides those of its number. */
    public VfsException(Errno errno) {
        this(errno, "");
    }

    /** A refusal; {@code text} is constant, what varies is added by {@code with}. */
    public VfsException(Errno errno, String text) {
        super(text);
        this.errno = errno;
        this.text = text;
    }

    /** A refusal that another failure led to. */
    public VfsException(Errno errno, String text, Throwable cause) {
        super(text, cause);
        this.errno = errno;
        this.text = text;
    }

    public Errno errno() {
        return errno;
    }

    /** Adds a named number to the message; returns this exception. */
    public VfsException with(String name, long value) {
        return with(name, Long.toString(value));
    }

    /** Adds a named value to the message, shown as it is; returns this exception. */
    public VfsException with(String name, Object value) {
        values = values + (values.isEmpty() ? "" : " ") + name + "=" + value;
        return this;
    }

    /** Adds a named byte string, a file's name or path, shown as {@link PrintableName} does; returns this exception. */
    public VfsException with(String name, byte[] value) {
        return with(name, PrintableName.of(value));
    }

    @Override
    public String getMessage() {
        var message = new StringBuilder(text);
        if (!values.isEmpty()) {
            message.append(message.isEmpty() ? "" : ": ").append(values);
        }
        return message.isEmpty()
                ? errno.text()
                : message.append(" (").append(errno.text()).append(')').toString();
    }
}
