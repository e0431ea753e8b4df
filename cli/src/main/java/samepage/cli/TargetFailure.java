package samepage.cli;

import java.io.IOException;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** What is to be written to the host cannot be: told apart from failures of the volume that is read. */
final class TargetFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private final VfsException failure;

    private TargetFailure(VfsException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    VfsException failure() {
        return failure;
    }

    /** A call that writes, and may give something. */
    interface Writing<T> {
        T write() throws VfsException;
    }

    /** A call that writes. */
    interface Step {
        void write() throws VfsException;
    }

    /**
     * What the call gives.
     *
     * @throws TargetFull where there is no room, which ends all
     */
    static <T> T made(Writing<T> call) throws IOException {
        try {
            return call.write();
        } catch (VfsException e) {
            throw of(e);
        }
    }

    /** The failure of a call that was made without {@link #made}. */
    static IOException of(VfsException failure) {
        return failure.errno() == Errno.ENOSPC || failure.errno() == Errno.EDQUOT
                ? new TargetFull(failure)
                : new TargetFailure(failure);
    }

    /** Does the step; see {@link #made}. */
    static void write(Step step) throws IOException {
        made(() -> {
            step.write();
            return true;
        });
    }
}
