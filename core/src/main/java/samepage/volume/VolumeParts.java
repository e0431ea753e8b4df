package samepage.volume;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import samepage.block.BlockDevice;
import samepage.errno.VfsException;

/**
 * What an open volume stands on, and closes.
 *
 * @param lock null for a volume that is in no directory, as is {@code mark}, which a volume that is only read has not either
 * @param damage why the volume can be read only; null where nothing is wrong
 */
record VolumeParts(
        BlockDevice device,
        MetadataStore store,
        @Nullable VolumeLock lock,
        @Nullable CommitMark mark,
        @Nullable VfsException damage) {
    /** Closes all of them; throws the first failure where {@code reason} is not failure enough. */
    void close(@Nullable Throwable reason) throws IOException {
        VolumeOpening.closeAll(reason, store, mark, device, lock);
    }
}
