package samepage.cli;

import java.util.List;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFileType;

/** Counts what there is to import, beside the import, so that the progress can tell how long the rest will take. */
final class SourceCount {
    /** What lies deeper is left out of the estimate. */
    private static final int DEEPEST = 500;

    private final Progress progress;
    private long files;
    private long bytes;
    private long unreadable;

    private SourceCount(Progress progress) {
        this.progress = progress;
    }

    /** Begins; the total is told once it is known. */
    static void begin(List<ImportSource> sources, Progress progress) {
        var count = new SourceCount(progress);
        Thread.ofPlatform().daemon().name("samepage-count").start(() -> count.run(sources));
    }

    private void run(List<ImportSource> sources) {
        for (var source : sources) {
            if (source.stat().isDirectory()) {
                try (var directory = HostDirectory.open(source.path())) {
                    add(directory, 0);
                } catch (VfsException e) {
                    // The import will name it; the total is an estimate.
                    unreadable++;
                }
            } else {
                files++;
                bytes += source.stat().sizeBytes();
            }
        }
        progress.total(files + unreadable, bytes);
    }

    private void add(HostDirectory directory, int depth) throws VfsException {
        for (var entries = directory.nextEntries(); !entries.isEmpty(); entries = directory.nextEntries()) {
            for (var entry : entries) {
                try {
                    if (entry.type() == HostFileType.DIRECTORY && depth < DEEPEST) {
                        try (var below = directory.openDirectory(entry.name())) {
                            add(below, depth + 1);
                        }
                    } else if (entry.type() == HostFileType.REGULAR) {
                        files++;
                        bytes += directory.stat(entry.name()).sizeBytes();
                    }
                } catch (VfsException e) {
                    unreadable++;
                }
            }
        }
    }
}
