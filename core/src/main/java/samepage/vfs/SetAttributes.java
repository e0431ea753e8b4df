package samepage.vfs;

import org.jspecify.annotations.Nullable;
import samepage.volume.Timestamp;

/**
 * Attributes to set in one step; null leaves one as it is.
 *
 * @param mode permission, set-id and sticky bits; others are ignored
 * @param sizeBytes of a regular file
 */
public record SetAttributes(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long sizeBytes,
        @Nullable NewTime accessTime,
        @Nullable NewTime modifyTime) {
    /** Nothing to set: where building begins. */
    public static final SetAttributes NONE = new SetAttributes(null, null, null, null, null, null);

    /** A given time, or where it is null the moment of setting, which asks for less permission. */
    public record NewTime(@Nullable Timestamp timestamp) {
        public static final NewTime NOW = new NewTime(null);

        public static NewTime at(Timestamp timestamp) {
            return new NewTime(timestamp);
        }
    }

    public SetAttributes withMode(int newMode) {
        return new SetAttributes(newMode, uid, gid, sizeBytes, accessTime, modifyTime);
    }

    public SetAttributes withUid(int newUid) {
        return new SetAttributes(mode, newUid, gid, sizeBytes, accessTime, modifyTime);
    }

    public SetAttributes withGid(int newGid) {
        return new SetAttributes(mode, uid, newGid, sizeBytes, accessTime, modifyTime);
    }

    public SetAttributes withOwner(int newUid, int newGid) {
        return new SetAttributes(mode, newUid, newGid, sizeBytes, accessTime, modifyTime);
    }

    public SetAttributes withSize(long newSizeBytes) {
        return new SetAttributes(mode, uid, gid, newSizeBytes, accessTime, modifyTime);
    }

    public SetAttributes withAccessTime(NewTime newTime) {
        return new SetAttributes(mode, uid, gid, sizeBytes, newTime, modifyTime);
    }

    public SetAttributes withModifyTime(NewTime newTime) {
        return new SetAttributes(mode, uid, gid, sizeBytes, accessTime, newTime);
    }

    /** With both times. */
    public SetAttributes withTimes(NewTime newAccessTime, NewTime newModifyTime) {
        return new SetAttributes(mode, uid, gid, sizeBytes, newAccessTime, newModifyTime);
    }
}
