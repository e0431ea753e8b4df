package samepage.verification.planted.lock;

import samepage.verification.planted.block.Device;

public final class UsesBlock {
    private UsesBlock() {}

    static Class<?> broken() {
        return Device.class;
    }
}
