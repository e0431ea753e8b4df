package samepage.cli;

import java.time.Duration;
import samepage.dedupe.FinderOptions;
import samepage.linux.reflink.ReflinkOptions;
import samepage.linux.reflink.TreeFilter;

/**
 * How a tree of a kernel's file system is deduped.
 *
 * @param digest stands for the tree and for which of its files take part
 * @param memoryBytes how much memory to use, the virtual machine's own included
 * @param maxStall how long a request may keep a writer waiting
 */
record TreeSettings(
        long digest, long memoryBytes, Duration maxStall, TreeFilter filter, ReflinkOptions reflinkOptions) {
    /** Of the memory, a content in the index takes 48 to 96 bytes; the rest is for the heap's other users and RocksDB. */
    private static final int BYTES_PER_CONTENT = 256;

    private static final int SAMPLE_EVERY = 8;
    private static final int LEAST_CONTENTS = 1 << 12;
    private static final int MOST_CONTENTS = 1 << 26;
    private static final int LARGEST_REQUEST_BYTES = 16 << 20;
    private static final int MOST_WAITING_RUNS = 1 << 17;
    private static final int RUNS_ASIDE = 1 << 12;
    private static final long SECONDS_BETWEEN_SAVES = 20;

    /** An eighth, but no less than RocksDB can work with. */
    long storeBytes() {
        return Math.max(4 << 20, memoryBytes / 8);
    }

    FinderOptions finderOptions() {
        var contents = Math.clamp(memoryBytes / BYTES_PER_CONTENT, LEAST_CONTENTS, MOST_CONTENTS);
        return FinderOptions.DEFAULT
                .withSampleEvery(SAMPLE_EVERY)
                .withContentsInMemory(contents)
                .withRequestBytes(LARGEST_REQUEST_BYTES)
                .withMaxWaitingRuns(MOST_WAITING_RUNS)
                .withMaxWaitingSeconds(SECONDS_BETWEEN_SAVES)
                .withMaxStall(maxStall)
                .withRunsAside(RUNS_ASIDE);
    }
}
