package samepage.dedupe;

import java.io.IOException;

/** Who looks on while the finder works. Called from its threads, by one at a time, and often: to return soon. */
public interface FinderProgress {
    /** Looks at nothing and never cancels. */
    FinderProgress NONE = new FinderProgress() {};

    /**
     * Files are being scanned.
     *
     * @param files how many have been, of about {@code ofFiles}
     * @param bytes their lengths together, up to where the scan is in the last
     */
    default void scanning(long files, long ofFiles, long bytes) {}

    /**
     * Runs are being shared. With very many runs scanning goes on afterwards, and {@code ofBytes} grows.
     *
     * @param bytes of the runs, how much has been dealt with, of {@code ofBytes}
     * @param sharedBytes how much of it has come to be shared
     */
    default void sharing(long bytes, long ofBytes, long sharedBytes) {}

    /** A file was left out, or a part of it, for the reason given: it is gone, say, or may not be changed. */
    default void leftOut(long file, IOException reason) {}

    /**
     * True from the moment on at which the finder is to stop; it does so within milliseconds, with a partial result. Called by
     * several threads at a time.
     */
    default boolean isCancelled() {
        return false;
    }
}
