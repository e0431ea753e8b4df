package samepage.verification.planted.io;

import samepage.verification.planted.remap.Clone;

public final class UsesRemap {
    private UsesRemap() {}

    static Class<?> broken() {
        return Clone.class;
    }
}
