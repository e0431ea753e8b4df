package samepage.cli;

import java.io.IOException;
import samepage.errno.VfsException;

/** What is to be read cannot be: told apart from failures of what is written to. */
final class SourceFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final VfsException failure;

    private SourceFailure(VfsException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    VfsException failure() {
        return failure;
    }

    /** A call that reads. */
    interface Reading<T> {
        T read() throws VfsException;
    }

    /** What the call gives. */
    static <T> T reading(Reading<T> call) throws SourceFailure {
        try {
            return call.read();
        } catch (VfsException e) {
            throw new SourceFailure(e);
        }
    }
}
