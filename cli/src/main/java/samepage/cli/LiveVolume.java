package samepage.cli;

import java.io.IOException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import samepage.errno.PrintableName;
import samepage.linux.fuse.FuseMount;
import samepage.vfs.Vfs;

/** A volume that this process has mounted: commands done meanwhile use it as it is open. */
record LiveVolume(@Nullable BackgroundSharing sharing, OpenVolume volume, FuseMount mount, MountFacts facts) {
    private static final ScopedValue<LiveVolume> CURRENT = ScopedValue.newInstance();

    /** The volume of the command that this thread does; null where that opens its volume itself. */
    static @Nullable LiveVolume current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /** What shares in the background of the volume that the argument names, in the process that has it mounted; else a refusal. */
    static BackgroundSharing sharingOf(String argument) throws IOException {
        var path = VolumePath.existing(argument);
        try (var _ = OpenVolume.toRead(path.volume())) {
            var live = current();
            if (live == null || live.sharing == null) {
                throw new Refusal(
                        PrintableName.of(path.volume()),
                        live == null
                                ? "is not mounted for writing"
                                : "is mounted without sharing in the background (--dedupe=off)");
            }
            return live.sharing;
        }
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
