package samepage.cli;

import java.io.IOException;
import samepage.errno.VfsException;

/** The host has no room for more. */
final class TargetFull extends IOException {
    private static final long serialVersionUID = 1L;

    private final VfsException failure;

    TargetFull(VfsException failure) {
        super(failure);
        this.failure = failure;
    }

    @Override
    public synchronized VfsException getCause() {
        return failure;
    }
}
