package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostEntry;
import samepage.linux.syscall.HostFileId;
import samepage.linux.syscall.HostFileType;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;

/**
 * Goes through the directories below the roots and hands on each regular file once, whatever names it has. It stays on the
 * mounts of the roots, follows no symbolic link, and passes over what vanishes before its eyes.
 *
 * <p>A directory of many entries is gone through a stretch at a time: what was found in one is visited before the next one is
 * read. So no more directories wait than a few stretches for each level of the tree.
 */
final class TreeWalk {
    private static final byte[] NOTHING = {};

    /** How many entries a stretch has at most, or what the kernel gives at once. */
    static final int ENTRIES_AT_ONCE = 4096;

    private final List<TreeRoot> roots;
    private final TreeChanges changes;
    private final TreeFilter filter;
    private final TreeProblems problems;
    private final BooleanSupplier isCancelled;

    /** Files with several names, and all files where roots or places may overlap. */
    @GuardedBy("this") private final HandedOn handedOn;

    @GuardedBy("this") private final ArrayDeque<ToVisit> toVisit = new ArrayDeque<>();

    /** How many threads look into a directory, and may find others. */
    @GuardedBy("this") private int busy;

    @GuardedBy("this") private @Nullable Throwable failure;

    @GuardedBy("this") private boolean isComplete = true;

    /** Where files go, with the directory that each was found in, and its name there. Several threads call. */
    interface Sink {
        void take(TreeFile found, HostDirectory directory, byte[] name) throws IOException;
    }

    /** A directory that is still to be read, from a place in it on, and which device and subvolume the one above is on. */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares them
    private record ToVisit(int root, byte[] path, long mount, HostFileId parent, long subvolume, long fromEntry) {
        ToVisit from(long entry) {
            return new ToVisit(root, path, mount, parent, subvolume, entry);
        }
    }

    /** @param maxHandedOn how many groups of files with several names to remember, so that none is handed on twice */
    TreeWalk(
            List<TreeRoot> roots,
            TreeChanges changes,
            TreeFilter filter,
            TreeProblems problems,
            int maxHandedOn,
            BooleanSupplier isCancelled) {
        this.roots = roots;
        this.changes = changes;
        this.filter = filter;
        this.problems = problems;
        this.handedOn = new HandedOn(maxHandedOn);
        this.isCancelled = isCancelled;
    }

    /** How many directories are known and still to be read. */
    synchronized int waiting() {
        return toVisit.size();
    }

    /** False once something was left out that may hold files. */
    synchronized boolean isComplete() {
        return isComplete && changes.isAll();
    }

    /** Walks with so many threads: each directory and each status is a request to the disk that can wait beside others. */
    void walk(int threadCount, Sink sink) throws IOException {
        for (TreeChanges.Place place : changes.isAll() ? wholeRoots() : changes.places()) {
            begin(place, sink);
        }
        try (var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().daemon().name("samepage-walk-", 0).factory())) {
            for (int i = 0; i < threadCount; i++) {
                threads.execute(() -> visitAll(sink));
            }
        }
        finish();
    }

    private synchronized void finish() throws IOException {
        isComplete &= toVisit.isEmpty();
        Throwable thrown = failure;
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw thrown instanceof IOException io ? io : new IOException(thrown);
        }
    }

    private List<TreeChanges.Place> wholeRoots() {
        var places = new ArrayList<TreeChanges.Place>();
        for (int root = 0; root < roots.size(); root++) {
            byte[] start = roots.get(root).start();
            places.add(new TreeChanges.Place(root, NOTHING, start.length == 0 ? List.of() : List.of(start)));
        }
        return places;
    }

    private void begin(TreeChanges.Place place, Sink sink) throws IOException {
        var top = roots.get(place.root());
        try (var directory = top.directory().openDirectoryBelow(place.directory())) {
            long mount = top.directory().mountId();
            if (directory.mountId() != mount) {
                return;
            }
            long subvolume = directory.subvolume();
            if (place.names().isEmpty()) {
                var id = directory.stat().id();
                add(List.of(new ToVisit(place.root(), place.directory(), mount, id, subvolume, 0)));
            }
            for (byte[] name : place.names()) {
                take(place.root(), directory, name, place.directory(), subvolume, sink);
            }
        } catch (VfsException e) {
            leftOut(top.pathOf(place.directory()), e);
        }
    }

    private void visitAll(Sink sink) {
        try {
            for (var next = claim(); next != null; next = claim()) {
                try {
                    visit(next, sink);
                } finally {
                    release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            synchronized (this) {
                failure = failure == null ? e : failure;
                notifyAll();
            }
        }
    }

    /** The next directory; null where there is none, and nobody can find one any more. */
    private synchronized @Nullable ToVisit claim() throws InterruptedException {
        while (toVisit.isEmpty() && busy > 0 && failure == null) {
            wait();
        }
        if (toVisit.isEmpty() || failure != null || isCancelled.getAsBoolean()) {
            return null;
        }
        busy++;
        return toVisit.pop();
    }

    private synchronized void release() {
        busy--;
        notifyAll();
    }

    private synchronized void add(List<ToVisit> found) {
        found.forEach(toVisit::push);
        notifyAll();
    }

    /** Leaves the rest of a directory to whoever comes for it, unless there are directories enough to visit first. */
    private synchronized boolean addWhereFewWait(ToVisit rest) {
        if (toVisit.size() >= ENTRIES_AT_ONCE) {
            return false;
        }
        add(List.of(rest));
        return true;
    }

    private void visit(ToVisit visit, Sink sink) throws IOException {
        var top = roots.get(visit.root);
        try (var directory = top.directory().openDirectoryBelow(visit.path)) {
            if (directory.mountId() == visit.mount) {
                visit(visit.root, directory, visit, sink);
            }
        } catch (VfsException e) {
            leftOut(top.pathOf(visit.path), e);
        }
    }

    private void visit(int root, HostDirectory directory, ToVisit visit, Sink sink) throws IOException {
        var id = directory.stat().id();
        boolean isSameDevice =
                id.deviceMajor() == visit.parent.deviceMajor() && id.deviceMinor() == visit.parent.deviceMinor();
        long subvolume = isSameDevice ? visit.subvolume : directory.subvolume();
        var entries = new ArrayList<HostEntry>();
        var directories = new ArrayList<ToVisit>();
        var rest = stretch(directory, visit, entries);
        if (rest != null && !addWhereFewWait(rest)) {
            directories.add(rest); // below those that are found now, so that they come first
        }
        // Inodes that are neighbours on the disk are read one after the other.
        entries.sort(Comparator.comparingLong(HostEntry::inode));
        for (var entry : entries) {
            switch (entry.type()) {
                case DIRECTORY -> enter(visit, entry.name(), id, subvolume, directories);
                case REGULAR -> take(root, directory, entry.name(), visit.path, subvolume, sink);
                case UNKNOWN -> {
                    if (typeOf(directory, entry.name()) == HostFileType.DIRECTORY) {
                        enter(visit, entry.name(), id, subvolume, directories);
                    } else {
                        take(root, directory, entry.name(), visit.path, subvolume, sink);
                    }
                }
                default -> {}
            }
        }
        add(directories);
    }

    /** Adds the directory's next entries; gives what is to be visited for those that follow, if any do. */
    private static @Nullable ToVisit stretch(HostDirectory directory, ToVisit visit, List<HostEntry> entries)
            throws VfsException {
        if (visit.fromEntry > 0) {
            directory.listFrom(visit.fromEntry);
        }
        entries.addAll(directory.nextEntries());
        List<HostEntry> last = entries;
        while (!last.isEmpty() && entries.size() + last.size() <= ENTRIES_AT_ONCE) {
            last = directory.nextEntries();
            entries.addAll(last);
        }
        return last.isEmpty() ? null : visit.from(directory.listedTo());
    }

    private void enter(ToVisit parent, byte[] name, HostFileId device, long subvolume, List<ToVisit> found) {
        byte[] path = pathOf(parent.path, name);
        if (filter.enters(path)) {
            found.add(new ToVisit(parent.root, path, parent.mount, device, subvolume, 0));
        }
    }

    private static HostFileType typeOf(HostDirectory directory, byte[] name) {
        try {
            return directory.stat(name).type();
        } catch (VfsException e) {
            return HostFileType.UNKNOWN;
        }
    }

    private void take(int root, HostDirectory directory, byte[] name, byte[] parent, long subvolume, Sink sink)
            throws IOException {
        HostStat stat;
        try {
            stat = directory.stat(name);
        } catch (VfsException e) {
            leftOut(HostPath.join(directory.path(), name), e);
            return;
        }
        byte[] path = pathOf(parent, name);
        if (!stat.isRegular()
                || stat.sizeBytes() == 0
                || !filter.takes(path, stat.sizeBytes())
                || !changes.hasRested(stat)) {
            return;
        }
        boolean isKnownByOneName = stat.linkCount() == 1 && roots.size() == 1 && changes.isAll();
        if (isKnownByOneName || isFirst(subvolume, stat.id().inode())) {
            long version = TreeFile.versionOf(stat, roots.get(root).pathOf(path));
            var found =
                    new TreeFile(0, root, path, subvolume, stat.id().inode(), stat.sizeBytes(), version, 0, 0, null);
            sink.take(found, directory, name);
        }
    }

    private synchronized boolean isFirst(long subvolume, long inode) {
        return handedOn.add(subvolume, inode);
    }

    private synchronized void leftOut(byte[] path, VfsException reason) {
        if (reason.errno() != Errno.ENOENT && reason.errno() != Errno.ESTALE) {
            isComplete = false;
            problems.leftOut(path, reason);
        }
    }

    private static byte[] pathOf(byte[] parent, byte[] name) {
        return parent.length == 0 ? name : HostPath.join(parent, name);
    }
}
