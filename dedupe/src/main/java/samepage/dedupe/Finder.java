package samepage.dedupe;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.errno.VfsException;
import samepage.volume.MetadataStore;

/** The finder of duplicates; the package tells how it goes about it. */
public final class Finder {
    private static final int FILES_AT_ONCE = 8192;

    private final IndexSource indexes;

    /**
     * Opens the store for an index that has outgrown memory. Better empty; what it has from before is taken for a hint and
     * tried. The finder closes it; nobody needs it afterwards.
     */
    public interface IndexOpener {
        MetadataStore open() throws IOException;
    }

    private interface IndexSource {
        FingerprintIndex open(int contentsInMemory);
    }

    private Finder(IndexSource indexes) {
        this.indexes = indexes;
    }

    /** A finder that begins anew with every run. */
    public Finder(IndexOpener indexes) {
        this(contents -> FingerprintIndex.temporary(indexes, contents));
    }

    /** A finder that goes on where earlier runs with this memory have ended. */
    public static Finder remembering(FinderMemory memory) {
        return new Finder((IndexSource) _ -> memory.index());
    }

    /** A finder that goes on where earlier runs over the same target have ended, all of them with this store. */
    public static Finder goingOn(MetadataStore store) {
        return new Finder((IndexSource) contents -> FingerprintIndex.kept(store, contents));
    }

    /**
     * Finds what the target's files have in common, and has it shared. Nothing that can be seen of the files changes.
     *
     * <p>Others use the files meanwhile. That a file has changed or gone meanwhile fails nothing.
     *
     * @throws VfsException ENOSPC, EROFS or what else makes all further work impossible; what was shared before stays so
     */
    public FinderResult run(DedupeTarget target, FinderOptions options, FinderProgress progress) throws IOException {
        var tally = new Tally(progress, target::fileCount);
        target.sync();
        long storedBefore = target.storedBytes();
        try (var index = indexes.open(options.contentsInMemory());
                var waiting = new WaitingRuns(target, index, new RunSharing(target, options, tally), options, tally)) {
            DedupeTarget.File last = scan(target, new DuplicateScan(target, index, waiting, options, tally), tally);
            waiting.shareAll();
            if (last != null && !tally.isCancelled()) {
                waiting.remember(last, Long.MAX_VALUE);
            }
            target.sync();
            return tally.result(index, storedBefore - target.storedBytes());
        }
    }

    /** The last file that was scanned to its end; null where that is none, or the finder was cancelled. */
    private static DedupeTarget.@Nullable File scan(DedupeTarget target, DuplicateScan scan, Tally tally)
            throws IOException {
        DedupeTarget.File last = null;
        List<? extends DedupeTarget.File> files = target.files(0, FILES_AT_ONCE);
        while (!files.isEmpty()) {
            for (DedupeTarget.File file : files) {
                if (tally.isCancelled()) {
                    return null;
                }
                try {
                    scan.scan(file);
                } catch (VfsException e) {
                    tally.leftOut(file.id(), e);
                }
                last = file;
            }
            files = target.files(files.getLast().id() + 1, FILES_AT_ONCE);
        }
        return last;
    }
}
