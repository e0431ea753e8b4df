package samepage.dedupe;

import java.time.Duration;

/**
 * How the finder goes about it.
 *
 * @param sampleEvery of how many blocks, a power of two, one is remembered for good, besides those at which files and
 *     differences begin and end. A run is found where one of its blocks is remembered.
 * @param contentsInMemory of how many contents, the last ones, every one is remembered; 48 bytes each
 * @param minRunBytes shorter runs are not worth a request; 1 for all
 * @param requestBytes longest range that is shared at once, a multiple of the target's block size
 * @param threads how many runs are shared at a time
 * @param maxWaitingRuns how many runs may wait in memory, about 50 bytes each, before they are shared
 * @param maxWaitingBytes how long the runs may be together before they are shared
 * @param maxWaitingSeconds how long runs may wait before they are shared, and what was found is kept for later runs
 * @param maxStall how long a request may keep writers waiting: requests get shorter where they do longer. Of requests of
 *     16 blocks and fewer no shorter ones are made
 * @param runsAside when so many runs wait, they are shared while the scan goes on; 0 where the target cannot have both at a time
 */
public record FinderOptions(
        int sampleEvery,
        int contentsInMemory,
        long minRunBytes,
        long requestBytes,
        int threads,
        int maxWaitingRuns,
        long maxWaitingBytes,
        long maxWaitingSeconds,
        Duration maxStall,
        int runsAside) {
    public static final FinderOptions DEFAULT = new FinderOptions(
            4,
            1 << 20,
            1,
            64 << 20,
            Runtime.getRuntime().availableProcessors(),
            1 << 17,
            Long.MAX_VALUE,
            Long.MAX_VALUE / 1_000_000_000L,
            Duration.ofMillis(5),
            0);

    public FinderOptions {
        if (Integer.bitCount(sampleEvery) != 1) {
            throw new IllegalArgumentException("sampleEvery=" + sampleEvery);
        }
        if (contentsInMemory < 1) {
            throw new IllegalArgumentException("contentsInMemory=" + contentsInMemory);
        }
        if (minRunBytes < 1 || requestBytes < 1) {
            throw new IllegalArgumentException("minRunBytes=" + minRunBytes + " requestBytes=" + requestBytes);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads=" + threads);
        }
        if (maxWaitingRuns < 1 || maxWaitingRuns > RunBatch.MAX_CAPACITY) {
            throw new IllegalArgumentException("maxWaitingRuns=" + maxWaitingRuns);
        }
    }

    public FinderOptions withSampleEvery(int blocks) {
        return new FinderOptions(
                blocks,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withContentsInMemory(int contents) {
        return new FinderOptions(
                sampleEvery,
                contents,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withMinRunBytes(long bytes) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                bytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withRequestBytes(long bytes) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                bytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withThreads(int count) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                count,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withMaxWaitingRuns(int runs) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                runs,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withMaxWaitingBytes(long bytes) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                bytes,
                maxWaitingSeconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withMaxWaitingSeconds(long seconds) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                seconds,
                maxStall,
                runsAside);
    }

    public FinderOptions withMaxStall(Duration stall) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                stall,
                runsAside);
    }

    public FinderOptions withRunsAside(int runs) {
        return new FinderOptions(
                sampleEvery,
                contentsInMemory,
                minRunBytes,
                requestBytes,
                threads,
                maxWaitingRuns,
                maxWaitingBytes,
                maxWaitingSeconds,
                maxStall,
                runs);
    }
}
