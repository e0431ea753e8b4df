package samepage.linux.reflink;

import java.io.IOException;

/** Is told of what could not be looked into. Several threads call. */
public interface TreeProblems {
    /** A file or directory was left out, and why; {@code path} is one that a person can use. */
    void leftOut(byte[] path, IOException reason);
}
