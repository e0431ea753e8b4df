package samepage.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.InodeRecord;

/**
 * Where something is to be put: inside of the path where that is a directory, else at the path.
 *
 * @param mustBeDirectory the path ends in a slash, and nothing is there
 */
// A record compares arrays by identity; nothing compares these.
@SuppressWarnings("ArrayRecordComponent")
record TargetPlace(long directory, byte[] name, boolean mustBeDirectory) {

    /** @param sourceName what it is called inside of a directory */
    static TargetPlace of(OpenVolume volume, byte[] path, byte[] sourceName) throws IOException {
        var existing = findOrNull(volume, path);
        if (existing != null && existing.isDirectory()) {
            return new TargetPlace(existing.ino(), sourceName, false);
        }
        var place = volume.vfs().resolveParent(OpenVolume.PRIVILEGED, path);
        return new TargetPlace(place.parent(), place.name(), place.mustBeDirectory());
    }

    private static @Nullable InodeRecord findOrNull(OpenVolume volume, byte[] path) throws IOException {
        try {
            return volume.vfs().resolve(OpenVolume.PRIVILEGED, path);
        } catch (VfsException e) {
            if (e.errno() == Errno.ENOENT) {
                return null;
            }
            throw e;
        }
    }
}
