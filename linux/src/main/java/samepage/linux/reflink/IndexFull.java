package samepage.linux.reflink;

import java.io.IOException;

/** There is no room where the index is. What was shared before is shared; what was remembered before is. */
public final class IndexFull extends IOException {
    private static final long serialVersionUID = 1L;

    IndexFull(Throwable cause) {
        super("no room for the index", cause);
    }
}
