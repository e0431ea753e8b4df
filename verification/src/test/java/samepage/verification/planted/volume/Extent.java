package samepage.verification.planted.volume;

import samepage.verification.planted.dedupe.Finder;

public final class Extent {
    private Extent() {}

    static Class<?> broken() {
        return Finder.class;
    }
}
