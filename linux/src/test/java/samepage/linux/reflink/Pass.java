package samepage.linux.reflink;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostPath;
import samepage.volume.MetadataStore;

/**
 * A run of the finder over a tree, and what was seen of it.
 *
 * @param leftOut what was left out and why, files that have gone not among them
 */
record Pass(
        FinderResult result,
        long unchangedFiles,
        long requests,
        long usedBefore,
        long usedAfter,
        List<String> leftOut) {
    static Pass over(Path tree, MetadataStore store) throws IOException {
        return over(tree, store, TreeFilter.ALL, FinderOptions.DEFAULT, FinderProgress.NONE);
    }

    static Pass over(Path tree, MetadataStore store, ReflinkOptions reflinkOptions) throws IOException {
        return over(tree, store, TreeFilter.ALL, reflinkOptions, FinderOptions.DEFAULT, FinderProgress.NONE);
    }

    static Pass over(Path tree, MetadataStore store, TreeFilter filter, FinderOptions options, FinderProgress progress)
            throws IOException {
        return over(tree, store, filter, ReflinkOptions.DEFAULT.withReaders(4), options, progress);
    }

    private static Pass over(
            Path tree,
            MetadataStore store,
            TreeFilter filter,
            ReflinkOptions reflinkOptions,
            FinderOptions options,
            FinderProgress progress)
            throws IOException {
        var leftOut = new ArrayList<String>();
        TreeProblems problems = (path, reason) -> leftOut.add(PrintableName.of(path) + ": " + reason.getMessage());
        try (var target = ReflinkTarget.open(
                List.of(HostPath.of(tree)), store, 1, TreeChanges.ALL, filter, problems, reflinkOptions)) {
            target.sync();
            long usedBefore = target.storedBytes();
            FinderResult result = Finder.goingOn(target.finderStore()).run(target, options, new FinderProgress() {
                @Override
                public void scanning(long files, long ofFiles, long bytes) {
                    progress.scanning(files, ofFiles, bytes);
                }

                @Override
                public void sharing(long bytes, long ofBytes, long sharedBytes) {
                    progress.sharing(bytes, ofBytes, sharedBytes);
                }

                @Override
                public void leftOut(long file, IOException reason) {
                    var errno = reason instanceof VfsException refused ? refused.errno() : Errno.EIO;
                    if (errno != Errno.ENOENT && errno != Errno.ESTALE) {
                        leftOut.add(reason.getMessage());
                    }
                }

                @Override
                public boolean isCancelled() {
                    return progress.isCancelled();
                }
            });
            if (result.isComplete()) {
                target.forgetGoneFiles();
            }
            return new Pass(
                    result,
                    target.unchangedFileCount(),
                    target.requestCount(),
                    usedBefore,
                    target.storedBytes(),
                    leftOut);
        }
    }
}
