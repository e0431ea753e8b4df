package samepage.dedupe;

import java.time.Duration;

/**
 * What has come of a run of the finder.
 *
 * @param files files scanned
 * @param logicalBytes their lengths together
 * @param scannedBlocks their blocks that had data
 * @param runs pairs of ranges found that looked the same and were not shared
 * @param runBytes their lengths together
 * @param sharedBytes how much has come to be shared
 * @param freedBytes by how much the place's storage has shrunk; what others wrote meanwhile counts against it
 * @param differedBytes how much of the runs was not the same after all, having been changed meanwhile
 * @param leftOut files or parts that were refused or gone; the progress was told of each
 * @param indexEntries how many blocks were remembered in the index's store, 0 where memory was enough
 * @param indexBytes what the index took in its store at the end
 * @param longestStall the longest that a writer can have waited
 * @param elapsed time from beginning to end
 * @param isComplete false where it was cancelled
 */
public record FinderResult(
        long files,
        long logicalBytes,
        long scannedBlocks,
        long runs,
        long runBytes,
        long sharedBytes,
        long freedBytes,
        long differedBytes,
        long leftOut,
        long indexEntries,
        long indexBytes,
        Duration longestStall,
        Duration elapsed,
        boolean isComplete) {}
