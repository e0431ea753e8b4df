package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.errno.Errno;
import samepage.errno.PrintableName;
import samepage.errno.VfsException;
import samepage.linux.reflink.IndexDamaged;
import samepage.linux.reflink.IndexFull;
import samepage.linux.reflink.ReflinkTarget;
import samepage.linux.reflink.TreeChanges;
import samepage.linux.reflink.TreeProblems;
import samepage.volume.MetadataStore;

/** Shares the duplicates below directories of a file system of the kernel's: wires the finder to it. */
final class TreeSharing {
    private final List<byte[]> paths;
    private final TreeSettings settings;
    private final TreeChanges changes;
    private final Progress progress;
    private final LeftOut leftOut;

    /** What came of it. */
    record Outcome(
            FinderResult result,
            long foundFiles,
            long foundBytes,
            long unchangedFiles,
            long requests,
            long usedBytes,
            List<ReflinkTarget.Shared> largest) {}

    TreeSharing(List<byte[]> paths, TreeSettings settings, TreeChanges changes, Progress progress, LeftOut leftOut) {
        this.paths = paths;
        this.settings = settings;
        this.changes = changes;
        this.progress = progress;
        this.leftOut = leftOut;
    }

    /** Runs with the index of that place; one that is damaged is made anew. */
    Outcome run(IndexPlace place) throws IOException {
        try {
            return runOnce(place);
        } catch (IndexDamaged damaged) {
            progress.complain("the index of an earlier run is of no use, so all files are read anew");
            place.removeStore();
            return runOnce(place);
        } catch (IndexFull full) {
            throw place.full();
        }
    }

    /** Finds out what could be shared, by an index of its own that is gone afterwards. */
    Outcome runDry() throws IOException {
        var directory = Files.createTempDirectory("samepage-index-");
        try (var place = IndexPlace.take(directory)) {
            return runOnce(place);
        } finally {
            IndexPlace.remove(directory);
        }
    }

    private Outcome runOnce(IndexPlace place) throws IOException {
        progress.begin("reading");
        try (var store = openStore(place);
                var target = openTarget(store)) {
            var finder = Finder.goingOn(target.finderStore());
            var result = finder.run(target, settings.finderOptions(), new Watch(target));
            if (result.isComplete()) {
                target.forgetGoneFiles();
            }
            // What the finder did until it was stopped is kept.
            Interruption.check();
            return new Outcome(
                    result,
                    target.foundFileCount(),
                    target.foundBytes(),
                    target.unchangedFileCount(),
                    target.requestCount(),
                    target.storedBytes(),
                    target.largestShared());
        }
    }

    private MetadataStore openStore(IndexPlace place) throws IOException {
        try {
            return place.openStore(settings.storeBytes());
        } catch (VfsException e) {
            if (!IndexPlace.isDamage(e)) {
                throw e;
            }
            progress.complain("the index of an earlier run is damaged, so all files are read anew");
            place.removeStore();
            return place.openStore(settings.storeBytes());
        }
    }

    private ReflinkTarget openTarget(MetadataStore store) throws IOException {
        TreeProblems problems = (path, reason) -> {
            synchronized (leftOut) {
                leftOut.add(path, reason);
            }
        };
        try {
            return ReflinkTarget.open(
                    paths, store, settings.digest(), changes, settings.filter(), problems, settings.reflinkOptions());
        } catch (VfsException e) {
            if (e.errno() == Errno.EOPNOTSUPP) {
                throw cannotShare();
            }
            throw e;
        }
    }

    Refusal cannotShare() {
        return new Refusal(
                PrintableName.of(paths.getFirst()),
                "this file system cannot share storage between files, as XFS and Btrfs can",
                "'samepage import SOURCE VOLUME' puts the files into a volume, which can");
    }

    /** Passes on what the finder does. */
    private final class Watch implements FinderProgress {
        private final ReflinkTarget target;
        private boolean isSharing;
        private boolean isScanning;

        Watch(ReflinkTarget target) {
            this.target = target;
        }

        @Override
        public void scanning(long files, long ofFiles, long bytes) {
            if (isSharing) {
                progress.begin("reading");
                isSharing = false;
            }
            progress.set(files, bytes);
            isScanning = true;
        }

        @Override
        public void sharing(long bytes, long ofBytes, long sharedBytes) {
            progress.shared(sharedBytes);
            if (isScanning) {
                // What is shared aside does not take turns with the reading on the line.
                isScanning = false;
                return;
            }
            if (!isSharing) {
                progress.begin("sharing");
                isSharing = true;
            }
            progress.total(0, ofBytes);
            progress.set(0, bytes);
        }

        @Override
        public void leftOut(long file, IOException reason) {
            if (reason instanceof VfsException refused && VanishedFile.is(refused.errno())) {
                return;
            }
            synchronized (leftOut) {
                leftOut.add(nameOf(file), reason);
            }
        }

        private byte[] nameOf(long file) {
            try {
                var path = target.pathOf(file);
                return path == null ? ("file " + file).getBytes(StandardCharsets.US_ASCII) : path;
            } catch (IOException e) {
                return ("file " + file).getBytes(StandardCharsets.US_ASCII);
            }
        }

        @Override
        public boolean isCancelled() {
            return Interruption.isRequested();
        }
    }
}
