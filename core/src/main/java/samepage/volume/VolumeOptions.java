package samepage.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import samepage.block.HostSpace;

/**
 * How a volume on disk is opened.
 *
 * @param blockSize bytes per block of a volume that is created; a power of two from 512 to 65,536
 * @param readOnly nothing is changed, and others may read it at the same time
 * @param commitInterval longest time that a finished operation stays in memory only
 * @param stores opens the metadata store in a directory
 * @param hostSpaces reaches the space of the data file on the host
 * @param directReads whether large reads go past the host's cache: for a mount, whose kernel caches and reads ahead itself
 */
public record VolumeOptions(
        int blockSize,
        boolean readOnly,
        Duration commitInterval,
        StoreOpener stores,
        HostSpaceOpener hostSpaces,
        boolean directReads) {
    public static final int DEFAULT_BLOCK_SIZE = 4096;
    public static final Duration DEFAULT_COMMIT_INTERVAL = Duration.ofSeconds(5);

    /** Opens or creates the metadata store that lives in {@code directory}. */
    public interface StoreOpener {
        MetadataStore open(Path directory, boolean readOnly) throws IOException;
    }

    /** Reaches the host's space below {@code dataFile}. */
    public interface HostSpaceOpener {
        HostSpace open(Path dataFile) throws IOException;
    }

    public VolumeOptions {
        if (Integer.bitCount(blockSize) != 1 || blockSize < 512 || blockSize > 65_536) {
            throw new IllegalArgumentException("blockSize=" + blockSize);
        }
    }

    /** The defaults, over the given store and host. */
    public static VolumeOptions of(StoreOpener stores, HostSpaceOpener hostSpaces) {
        return new VolumeOptions(DEFAULT_BLOCK_SIZE, false, DEFAULT_COMMIT_INTERVAL, stores, hostSpaces, false);
    }

    public VolumeOptions withReadOnly(boolean newReadOnly) {
        return new VolumeOptions(blockSize, newReadOnly, commitInterval, stores, hostSpaces, directReads);
    }

    public VolumeOptions withBlockSize(int newBlockSize) {
        return new VolumeOptions(newBlockSize, readOnly, commitInterval, stores, hostSpaces, directReads);
    }

    public VolumeOptions withDirectReads(boolean newDirectReads) {
        return new VolumeOptions(blockSize, readOnly, commitInterval, stores, hostSpaces, newDirectReads);
    }
}
