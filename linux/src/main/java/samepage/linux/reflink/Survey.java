package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostFile;

/**
 * Walks ahead of the reading, in a thread of its own: takes the files that are new or have changed, asks where their extents
 * are, and hands them on in batches, each in the order of the disk. The first batch is small, so that reading begins soon.
 */
final class Survey implements AutoCloseable {
    private static final int FIRST_BATCH = 2048;
    private static final int WALKERS = 4;
    private static final int LARGEST_BATCH = 1 << 14;

    /** Of a file with more extents they are asked for anew when it is read, piece by piece. */
    private static final int MOST_EXTENTS_OF_FILE = 1 << 14;

    /** A batch with so many is handed on. */
    private static final int MOST_EXTENTS_OF_BATCH = 1 << 16;

    private final List<TreeRoot> roots;
    private final TreeIndex index;
    private final TreeWalk walk;
    private final TreeProblems problems;

    @GuardedBy("this") private final SharedExtents sharedExtents;

    private final int blockSize;
    private final BlockingQueue<Batch> batches = new ArrayBlockingQueue<>(1);

    /** Started when the first files are asked for: the file system has been synced by then. */
    private final Thread thread;

    private boolean isStarted;

    @GuardedBy("this") private final List<TreeFile> found = new ArrayList<>();

    @GuardedBy("this") private int extentsFound;

    @GuardedBy("this") private int batchSize = FIRST_BATCH;

    @GuardedBy("this") private long nextId;

    private final AtomicLong filesFound = new AtomicLong();
    private final AtomicLong bytesFound = new AtomicLong();
    private final AtomicLong filesUnchanged = new AtomicLong();
    private volatile boolean isAtEnd;
    private volatile boolean isClosed;

    /** Files to read; the last batch has none, and the failure that ended the survey, if one did. */
    private record Batch(List<TreeFile> files, @Nullable Throwable failure) {}

    /** Opens a file: by its path, or, which is less work, in the directory that it was just seen in. */
    private interface Opening {
        HostFile open() throws VfsException;
    }

    Survey(
            List<TreeRoot> roots,
            TreeIndex index,
            TreeChanges changes,
            TreeFilter filter,
            TreeProblems problems,
            int maxSharedExtents,
            int blockSize) {
        this.roots = roots;
        this.index = index;
        this.problems = problems;
        this.sharedExtents = new SharedExtents(maxSharedExtents);
        this.blockSize = blockSize;
        this.nextId = index.nextId();
        this.walk = new TreeWalk(roots, changes, filter, problems, maxSharedExtents, () -> isClosed);
        this.thread = Thread.ofPlatform().daemon().name("samepage-survey").unstarted(this::run);
    }

    /** The next files to read, in the order of their ids; none at the end. */
    List<TreeFile> next() throws IOException {
        if (!isStarted) {
            isStarted = true;
            thread.start();
        }
        try {
            Batch batch = batches.take();
            return switch (batch.failure) {
                case null -> batch.files;
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IOException(e);
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VfsException(Errno.EINTR, "the survey was interrupted", e);
        }
    }

    /** How many files the walk has come by so far. */
    long filesFound() {
        return filesFound.get();
    }

    /** Their sizes together. */
    long bytesFound() {
        return bytesFound.get();
    }

    /** How many of them the index knew, unchanged. */
    long filesUnchanged() {
        return filesUnchanged.get();
    }

    /** Whether the walk has come to its end, and left out nothing that may hold files. */
    boolean isComplete() {
        return isAtEnd && walk.isComplete();
    }

    private void run() {
        Throwable failure = null;
        try {
            resume();
            walk.walk(WALKERS, this::take);
            handOn();
            isAtEnd = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (Throwable e) {
            failure = e;
        }
        try {
            batches.put(new Batch(List.of(), failure));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a run before was in the midst of comes first: its id is lower than any new one. */
    private void resume() throws IOException, InterruptedException {
        TreeFile begun = index.inProgress();
        if (begun == null || begun.root() >= roots.size()) {
            return;
        }
        TreeFile surveyed = isStill(begun) ? survey(begun, () -> open(begun)) : null;
        if (surveyed == null) {
            index.abandonInProgress();
        } else {
            batches.put(new Batch(List.of(surveyed), null));
        }
    }

    private void take(TreeFile file, HostDirectory directory, byte[] name) throws IOException {
        filesFound.incrementAndGet();
        bytesFound.addAndGet(file.sizeBytes());
        TreeFile toRead = index.toRead(file);
        if (toRead == null) {
            filesUnchanged.incrementAndGet();
            return;
        }
        TreeFile surveyed = survey(toRead, () -> directory.openToRead(name));
        if (surveyed != null) {
            add(surveyed);
        }
    }

    private synchronized void add(TreeFile file) throws VfsException {
        found.add(file);
        ExtentList extents = file.extents();
        extentsFound += extents == null ? 0 : extents.size();
        if (found.size() >= batchSize || extentsFound >= MOST_EXTENTS_OF_BATCH) {
            try {
                handOn();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new VfsException(Errno.EINTR, "the survey was interrupted", e);
            }
            batchSize = Math.min(LARGEST_BATCH, 2 * batchSize);
        }
    }

    /** The file with its extents; null where it is gone, or may not be read. */
    private @Nullable TreeFile survey(TreeFile file, Opening opening) {
        try (HostFile opened = opening.open()) {
            return file.withExtents(ExtentList.of(opened, blockSize, MOST_EXTENTS_OF_FILE));
        } catch (VfsException e) {
            if (e.errno() != Errno.ENOENT && e.errno() != Errno.ESTALE) {
                problems.leftOut(roots.get(file.root()).pathOf(file.path()), e);
            }
            return null;
        }
    }

    private HostFile open(TreeFile file) throws VfsException {
        return roots.get(file.root()).directory().openBelow(file.path());
    }

    private boolean isStill(TreeFile file) {
        try (HostFile opened = open(file)) {
            return file.isStill(opened.stat(), roots.get(file.root()).pathOf(file.path()));
        } catch (VfsException e) {
            return false;
        }
    }

    private synchronized void handOn() throws InterruptedException {
        if (found.isEmpty()) {
            return;
        }
        found.sort(Comparator.comparingLong(Survey::place).thenComparingLong(TreeFile::inode));
        var batch = new ArrayList<TreeFile>(found.size());
        for (TreeFile file : found) {
            long id = nextId++;
            ExtentList extents = file.extents();
            batch.add(file.withId(id).withExtents(extents == null ? null : sharedExtents.resolve(id, extents)));
        }
        found.clear();
        extentsFound = 0;
        batches.put(new Batch(batch, null));
    }

    private static long place(TreeFile file) {
        ExtentList extents = file.extents();
        return extents == null ? 0 : extents.firstPlace();
    }

    /** Ends the survey, at its end or not. */
    @Override
    public void close() {
        isClosed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
