package samepage.verification.planted.dedupe;

import samepage.verification.planted.volume.Extent;

public final class Finder {
    private Finder() {}

    static Class<?> broken() {
        return Extent.class;
    }
}
