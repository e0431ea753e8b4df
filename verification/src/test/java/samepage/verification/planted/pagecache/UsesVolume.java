package samepage.verification.planted.pagecache;

import samepage.verification.planted.volume.Extent;

public final class UsesVolume {
    private UsesVolume() {}

    static Class<?> broken() {
        return Extent.class;
    }
}
