package samepage.dedupe;

import java.io.IOException;
import java.util.List;
import samepage.errno.VfsException;
import samepage.volume.MetadataStore;

/** The finder of duplicates; the package tells how it goes about it. */
public final class Finder {
    private static final int FILES_AT_ONCE = 8192;

    private final IndexOpener indexes;

    /**
     * Opens the store for an index that has outgrown memory. Better empty; what it has from before is taken for a hint and
     * tried. The finder closes it; nobody needs it afterwards.
     */
    public interface IndexOpener {
        MetadataStore open() throws IOException;
    }

    public Finder(IndexOpener indexes) {
        this.indexes = indexes;
    }

    /**
     * Finds what the target's files have in common, and has it shared. Nothing that can be seen of the files changes.
     *
     * <p>Others use the files meanwhile. That a file has changed or gone meanwhile fails nothing.
     *
     * @throws VfsException ENOSPC, EROFS or what else makes all further work impossible; what was shared before stays so
     */
    public FinderResult run(DedupeTarget target, FinderOptions options, FinderProgress progress) throws IOException {
        var tally = new Tally(progress, target.fileCount());
        target.sync();
        long storedBefore = target.storedBytes();
        try (var index = new FingerprintIndex(indexes, options.contentsInMemory())) {
            var waiting = new WaitingRuns(options, new RunSharing(target, options, tally), tally);
            scan(target, new DuplicateScan(target, index, waiting, options, tally), tally);
            waiting.shareAll();
            target.sync();
            return tally.result(index, storedBefore - target.storedBytes());
        }
    }

    private static void scan(DedupeTarget target, DuplicateScan scan, Tally tally) throws IOException {
        List<? extends DedupeTarget.File> files = target.files(0, FILES_AT_ONCE);
        while (!files.isEmpty()) {
            for (DedupeTarget.File file : files) {
                if (tally.isCancelled()) {
                    return;
                }
                try {
                    scan.scan(file);
                } catch (VfsException e) {
                    tally.leftOut(file.id(), e);
                }
            }
            files = target.files(files.getLast().id() + 1, FILES_AT_ONCE);
        }
    }

    /** Lets runs wait for longer ones until they are too many. */
    private static final class WaitingRuns implements DuplicateScan.RunSink {
        private final RunBatch waiting;
        private final RunSharing sharing;
        private final Tally tally;

        WaitingRuns(FinderOptions options, RunSharing sharing, Tally tally) {
            this.waiting = new RunBatch(options.maxWaitingRuns());
            this.sharing = sharing;
            this.tally = tally;
        }

        @Override
        public boolean add(RangePair run) throws IOException {
            waiting.add(run);
            tally.found(run);
            if (!waiting.isFull()) {
                return false;
            }
            shareAll();
            return true;
        }

        @Override
        public boolean remaps(long file, long offset, long lengthBytes) {
            return waiting.remaps(file, offset, lengthBytes);
        }

        void shareAll() throws IOException {
            sharing.share(waiting);
            waiting.clear();
        }
    }
}
