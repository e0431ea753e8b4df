package samepage.remap;

import java.time.Duration;

/** What has come of a dedupe. Refusals are exceptions; that the ranges differ is none. */
public sealed interface RemapOutcome {
    /** How long the files' locks were held at a time: the longest that a writer can have waited. */
    Duration held();

    /**
     * The ranges have the same bytes and share their storage.
     *
     * @param dedupedBytes how much of the request that is, from its beginning; less than asked where a tail is no whole block
     *     and cannot be shared, 0 for an empty request only
     * @param newlySharedBytes how much of it was not shared before; what is being written all the time stays unshared
     */
    record Same(long dedupedBytes, long newlySharedBytes, Duration held) implements RemapOutcome {}

    /** The ranges differ, or did while they were looked at, or there is no whole block to share. */
    record Differs(Duration held) implements RemapOutcome {}
}
