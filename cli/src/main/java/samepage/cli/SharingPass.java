package samepage.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import samepage.dedupe.DedupeTarget;
import samepage.dedupe.Finder;
import samepage.dedupe.FinderOptions;
import samepage.dedupe.FinderProgress;
import samepage.dedupe.FinderResult;
import samepage.dedupe.VolumeDedupeTarget;
import samepage.errno.VfsException;
import samepage.volume.MetadataStore;

/** Shares the duplicates in a volume: wires the finder to it. */
final class SharingPass {
    /** In the volume's directory; there only while the finder runs and memory does not suffice for its index. */
    static final String INDEX = "finder-index";

    /** Requests at a time: they want the same records, and two processors do no more with two of them than with one. */
    private static final int REQUESTS_AT_ONCE = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    /** Shared while the scan goes on. */
    private static final int RUNS_ASIDE = 1 << 12;

    /** Of the heap, a content in the index takes 48 to 96 bytes; the rest is for the volume's records and inodes. */
    private static final int HEAP_BYTES_PER_CONTENT = 256;

    static final FinderOptions OPTIONS = FinderOptions.DEFAULT
            .withThreads(REQUESTS_AT_ONCE)
            .withRunsAside(RUNS_ASIDE)
            .withContentsInMemory((int) Math.min(
                    FinderOptions.DEFAULT.contentsInMemory(),
                    Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_CONTENT));

    static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

    private final OpenVolume volume;
    private final Progress progress;
    private final LeftOut leftOut;

    SharingPass(OpenVolume volume, Progress progress, LeftOut leftOut) {
        this.volume = volume;
        this.progress = progress;
        this.leftOut = leftOut;
    }

    /** Shares what is the same anywhere in the volume. */
    FinderResult runOnAll() throws IOException {
        return run(VolumeDedupeTarget.of(volume.vfs(), OpenVolume.PRIVILEGED));
    }

    /** Shares what is the same in the trees below these inodes. */
    FinderResult runWithin(List<Long> roots) throws IOException {
        return run(VolumeDedupeTarget.within(volume.vfs(), OpenVolume.PRIVILEGED, roots));
    }

    private FinderResult run(DedupeTarget target) throws IOException {
        progress.begin("comparing");
        var result = share(volume, target, OPTIONS, new Watch());
        // What the finder did until it was stopped is kept.
        Interruption.check();
        return result;
    }

    /** Lets the finder share what the target has, one finder at a time: its index has one place. */
    static FinderResult share(OpenVolume volume, DedupeTarget target, FinderOptions options, FinderProgress watch)
            throws IOException {
        var index = volume.hostPath().resolve(INDEX);
        ONE_AT_A_TIME.lock();
        try {
            removeTree(index);
            return share(new Finder(() -> openIndex(index)), target, options, watch);
        } finally {
            try {
                removeTree(index);
            } finally {
                ONE_AT_A_TIME.unlock();
            }
        }
    }

    /** Lets a finder that has its own index share what the target has, one finder at a time. */
    static FinderResult share(Finder finder, DedupeTarget target, FinderOptions options, FinderProgress watch)
            throws IOException {
        ONE_AT_A_TIME.lock();
        try {
            return finder.run(target, options, watch);
        } finally {
            ONE_AT_A_TIME.unlock();
        }
    }

    /** Tells of a file that the finder leaves out; not of one that has gone meanwhile. */
    static void leftOut(LeftOut leftOut, long file, IOException reason) {
        var isGone = reason instanceof VfsException refused && VanishedFile.is(refused.errno());
        if (!isGone) {
            leftOut.add(("inode " + file).getBytes(StandardCharsets.US_ASCII), reason);
        }
    }

    /** Waits for a thread that shares, and has been told to stop, whoever interrupts meanwhile. */
    static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static MetadataStore openIndex(Path index) throws IOException {
        Files.createDirectory(index);
        return OpenVolume.openStore(index, false);
    }

    static void removeTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Passes on what the finder does. */
    private final class Watch implements FinderProgress {
        private boolean isSharing;
        private boolean isScanning;

        @Override
        public void scanning(long files, long ofFiles, long bytes) {
            if (isSharing) {
                progress.begin("comparing");
                isSharing = false;
            }
            progress.set(files, bytes);
            isScanning = true;
        }

        @Override
        public void sharing(long bytes, long ofBytes, long sharedBytes) {
            progress.shared(sharedBytes);
            if (isScanning) {
                // What is shared aside does not take turns with the comparing on the line.
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
            SharingPass.leftOut(leftOut, file, reason);
        }

        @Override
        public boolean isCancelled() {
            return Interruption.isRequested();
        }
    }
}
