package samepage.linux.reflink;

import java.io.IOException;

/** The index cannot be read. It holds nothing that cannot be found out again: remove it and begin anew. */
public final class IndexDamaged extends IOException {
    private static final long serialVersionUID = 1L;

    IndexDamaged(Throwable cause) {
        super("the index is damaged", cause);
    }
}
