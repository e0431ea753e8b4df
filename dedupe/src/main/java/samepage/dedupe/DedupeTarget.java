package samepage.dedupe;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.remap.RemapOutcome;

/**
 * A place whose files may share storage, as the finder sees it: a set of files, their blocks' fingerprints, and the
 * operation that shares two ranges after it has compared them. Others may change the files all the while; what a target says
 * of them is a hint, what {@link #share} does is safe.
 *
 * <p>One thread calls at a time, but for {@link #prepare} and {@link #share}, which several call; and where {@link
 * FinderOptions#runsAside} allows it, while that one thread calls the others.
 */
public interface DedupeTarget {
    /** A file as it was when it was looked at. Its id is a number of the target's choice, the same for a whole run. */
    interface File {
        long id();

        long sizeBytes();

        /** The first block to look at: those before it were looked at by a run that did not come to the file's end. */
        default long firstBlock() {
            return 0;
        }
    }

    /** Bytes per block; ranges to share begin at multiples of it. */
    int blockSize();

    /** How many files there are, about. */
    long fileCount();

    /** At most {@code limit} files with ids from {@code fromId} on, in order; empty where there are no more. */
    List<? extends File> files(long fromId, int limit) throws IOException;

    /** The file of that id, or null where it is gone. */
    @Nullable File file(long id) throws IOException;

    /**
     * Makes a window cover at least as many of the file's blocks, from {@code fromBlock} on, as it has room for, or all up to
     * the end. The last block's fingerprint is that of its bytes followed by zeros.
     */
    void read(File file, long fromBlock, BlockWindow window) throws IOException;

    /** Where a stretch of blocks was seen before: from that block of that file on, which has a lower id, or is the same. */
    record Origin(long file, long block) {}

    /** Where a block was seen before of which {@link #read} says {@link BlockWindow#SEEN}; null where nobody knows. */
    default @Nullable Origin originOf(File file, long block) {
        return null;
    }

    /**
     * A fingerprint of the file's whole content and length; 0 where none is known. Asked after the file's first blocks have
     * been read.
     */
    default long wholeFingerprint(File file) {
        return 0;
    }

    /**
     * Makes the target range share the source's storage where both have the same bytes; may do less than asked. The source
     * file is {@link BlockWindow#HOLE_FILE} for blocks of which the target has said that they are {@link BlockWindow#ZEROS}.
     *
     * @throws samepage.errno.VfsException where that cannot be: a file is gone or shorter, or may not be changed
     */
    RemapOutcome share(RangePair ranges) throws IOException;

    /** These ranges are going to be shared next: a target that has to fetch them may begin. Several threads call. */
    default void prepare(RangePair ranges) throws IOException {}

    /**
     * All that was found up to that block of that file has been shared, and the index has it: a target that remembers files
     * for later runs does so now.
     */
    default void remember(File file, long endBlock) throws IOException {}

    /** Whether so much is to be remembered that it should be soon. */
    default boolean isFull() {
        return false;
    }

    /** Brings to the storage what has been written and shared so far, so that {@link #read} and the space tell of it. */
    void sync() throws IOException;

    /** Bytes that the place's files take in storage, what is shared counted once. */
    long storedBytes() throws IOException;
}
