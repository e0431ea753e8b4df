package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import samepage.linux.reflink.ReflinkOptions;
import samepage.linux.reflink.TreeFilter;
import samepage.linux.syscall.HostPath;

/** The options of a dedupe of directories. */
final class TreeOptions {
    private static final long LEAST_MEMORY_BYTES = 96 << 20;
    private static final int LARGEST_BLOCK_BYTES = 1 << 20;

    /** Of so many sizes that files have, the estimate looks at one. */
    private static final int SIZES_PER_SAMPLE = 16;

    @Option(
            names = "--index",
            paramLabel = "DIR",
            description = "Keep what was found out about the files here, instead of among the user's caches.")
    private @Nullable Path index;

    @Option(
            names = {"-n", "--dry-run"},
            description = "Change nothing: read the files, and tell how much could be shared.")
    private boolean isDryRun;

    @Option(
            names = "--estimate",
            description =
                    "Change nothing: read a sample of the files, about a sixteenth, and tell how much could be shared.")
    private boolean isEstimate;

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description = "Only files that fit, or are in a directory that does; as in .gitignore.")
    private List<String> includes = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "PATTERN",
            description = "No file that fits, nor what is in a directory that does.")
    private List<String> excludes = new ArrayList<>();

    @Option(names = "--min-size", paramLabel = "SIZE", description = "No file that is shorter, such as 128k.")
    private String minSize = "1";

    @Option(names = "--max-size", paramLabel = "SIZE", description = "No file that is longer.")
    private @Nullable String maxSize;

    @Option(
            names = "--files-from",
            paramLabel = "FILE",
            description = "Only the files named in FILE, a line each; - for standard input.")
    private @Nullable String filesFrom;

    @Option(
            names = {"-0", "--null"},
            description = "Names in the FILE of --files-from end in NUL, not with their line.")
    private boolean endsAreNul;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Use about so much memory, all told. ${DEFAULT-VALUE} if not given.",
            defaultValue = "256M")
    private String memory = "256M";

    @Option(
            names = "--block-size",
            paramLabel = "SIZE",
            description =
                    "Compare the files by blocks of that size: larger ones take less room in the index, and find less."
                            + " ${DEFAULT-VALUE} if not given.",
            defaultValue = "4k")
    private String blockSize = "4k";

    @Option(
            names = "--max-stall",
            paramLabel = "TIME",
            description =
                    "Have a writer wait no longer than that, such as 20ms, as far as requests can be made shorter."
                            + " ${DEFAULT-VALUE} if not given.",
            defaultValue = "50ms")
    private String maxStall = "50ms";

    @Option(names = "--rate", paramLabel = "SIZE", description = "Read no more than that in a second, such as 100M.")
    private @Nullable String rate;

    @Option(names = "--idle", description = "Read and share only when the disk has nothing else to do.")
    private boolean isIdle;

    @Option(
            names = "--watch",
            description =
                    "Go on for ever: share what changes, as the kernel tells it; or look through the files again and"
                            + " again, where it does not.")
    private boolean isWatch;

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            description = "With --watch, look at a file when it has been left alone for that long."
                    + " ${DEFAULT-VALUE} if not given.",
            defaultValue = "10s")
    private String settle = "10s";

    @Option(
            names = "--rescan",
            paramLabel = "TIME",
            description =
                    "With --watch, how often to look through all files. If not given, once a day, and every 10 min"
                            + " where the kernel does not tell what changes.")
    private @Nullable String rescan;

    private final AtomicLong filesToEstimate = new AtomicLong();
    private final AtomicLong bytesToEstimate = new AtomicLong();

    boolean isDryRun() {
        return isDryRun || isEstimate;
    }

    boolean isEstimate() {
        return isEstimate;
    }

    boolean isIdle() {
        return isIdle;
    }

    @Nullable Path index() {
        return index;
    }

    boolean isWatch() {
        return isWatch;
    }

    /** With a watch, how long a file is to be left alone before it is looked at. */
    Duration restTime() {
        return AmountText.duration("--settle", settle, "s");
    }

    /** With a watch, how often to look through all files; null for what is usual. */
    @Nullable Duration rescanTime() {
        return rescan == null ? null : AmountText.duration("--rescan", rescan, "s");
    }

    @Nullable FileList fileList() throws IOException {
        return filesFrom == null ? null : FileList.read(filesFrom, endsAreNul);
    }

    /** The settings for directories and files by their real paths. */
    TreeSettings settings(List<byte[]> paths, @Nullable FileList list) throws IOException {
        var parts = new ArrayList<>(paths);
        for (var option : List.of("" + includes, "" + excludes, minSize, "" + maxSize)) {
            parts.add(option.getBytes(StandardCharsets.UTF_8));
        }
        if (list != null) {
            parts.add(list.digest());
        }
        var memoryBytes = Math.max(LEAST_MEMORY_BYTES, AmountText.bytes("--memory", memory));
        var reflinkOptions = ReflinkOptions.DEFAULT
                .withBlockSize(blockBytes())
                .withBytesPerSecond(rate == null ? 0 : AmountText.bytes("--rate", rate))
                .withDryRun(isDryRun())
                .withMaxPendingBytes(memoryBytes / 16)
                .withMaxSharedExtents((int) Math.min(1 << 24, memoryBytes / 1024));
        return new TreeSettings(
                TreePaths.digest(parts),
                memoryBytes,
                AmountText.duration("--max-stall", maxStall, "ms"),
                filter(paths, list),
                reflinkOptions);
    }

    private int blockBytes() {
        var bytes = AmountText.bytes("--block-size", blockSize);
        if (Long.bitCount(bytes) != 1 || bytes < ReflinkOptions.DEFAULT.blockSize() || bytes > LARGEST_BLOCK_BYTES) {
            throw new Refusal("--block-size=" + blockSize, "is no power of two from 4k to 1M");
        }
        return (int) bytes;
    }

    private TreeFilter filter(List<byte[]> paths, @Nullable FileList list) throws IOException {
        var including = includes.stream().map(PathPattern::of).toList();
        var excluding = excludes.stream().map(PathPattern::of).toList();
        var smallest = AmountText.bytes("--min-size", minSize);
        var largest = maxSize == null ? Long.MAX_VALUE : AmountText.bytes("--max-size", maxSize);
        var indices = indices();
        return new TreeFilter() {
            @Override
            public boolean enters(byte[] path) {
                return excluding.stream().noneMatch(pattern -> pattern.fitsDirectory(path))
                        && !isAnIndex(indices, paths, path);
            }

            @Override
            public boolean takes(byte[] path, long sizeBytes) {
                return sizeBytes >= smallest
                        && sizeBytes <= largest
                        && (including.isEmpty() || including.stream().anyMatch(pattern -> pattern.fitsFile(path)))
                        && excluding.stream().noneMatch(pattern -> pattern.fitsFile(path))
                        && (list == null || isListed(paths, list, path))
                        && (!isEstimate || isSampled(sizeBytes));
            }
        };
    }

    /** Where indices are, this run's and others': files that come and go as those work. */
    private List<byte[]> indices() throws IOException {
        var indices = new ArrayList<byte[]>();
        indices.add(TreePaths.realOrToBe(IndexPlace.trees()));
        if (index != null) {
            indices.add(TreePaths.realOrToBe(index));
        }
        return indices;
    }

    private static boolean isAnIndex(List<byte[]> indices, List<byte[]> paths, byte[] below) {
        return indices.stream()
                .anyMatch(index -> paths.stream()
                        .anyMatch(root ->
                                index.length > root.length && Arrays.equals(index, HostPath.join(root, below))));
    }

    private static boolean isListed(List<byte[]> paths, FileList list, byte[] path) {
        return paths.stream().anyMatch(root -> list.has(HostPath.join(root, path)));
    }

    private boolean isSampled(long sizeBytes) {
        filesToEstimate.incrementAndGet();
        bytesToEstimate.addAndGet(sizeBytes);
        return isSample(sizeBytes);
    }

    /** How many files there are to the sample. */
    long filesToEstimate() {
        return filesToEstimate.get();
    }

    /** How long are all the files together of which a sample is looked at. */
    long bytesToEstimate() {
        return bytesToEstimate.get();
    }

    /** Copies have the same size, so that a sample of sizes has all copies of its files. */
    private static boolean isSample(long sizeBytes) {
        return Long.remainderUnsigned((sizeBytes * 0x9E3779B97F4A7C15L) >>> 20, SIZES_PER_SAMPLE) == 0;
    }
}
