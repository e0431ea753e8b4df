package samepage.cli;

import java.io.IOException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import samepage.linux.fuse.FuseMount;
import samepage.vfs.Vfs;

/** A volume that this process has mounted: commands done meanwhile use it as it is open. */
record LiveVolume(@Nullable BackgroundSharing sharing, OpenVolume volume, FuseMount mount, MountFacts facts) {
    private static final ScopedValue<LiveVolume> CURRENT = ScopedValue.newInstance();

    /** The volume of the command that this thread does; null where that opens its volume itself. */
    static @Nullable LiveVolume current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /** Has a command done on this volume. Programs' stores through memory maps before are seen. */
    int during(IntSupplier command) {
        return ScopedValue.where(CURRENT, this).call(command::getAsInt);
    }

    Vfs vfs() {
        return volume.vfs();
    }

    /** What programs have stored, as far as the kernel has kept it to itself. */
    void takeInStores() throws IOException {
        mount.flushPrograms();
    }
}
