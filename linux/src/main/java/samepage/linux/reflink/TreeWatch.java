package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostChange;
import samepage.linux.syscall.HostDirectory;
import samepage.linux.syscall.HostPath;
import samepage.linux.syscall.HostStat;
import samepage.linux.syscall.HostWatch;

/**
 * Tells what others change below some directories, once it has come to rest. The kernel tells of the whole file system
 * ({@link HostWatch}): names, and the directories they are in, by handles. A thread gathers those, so that the kernel's queue
 * does not run over; which of them are below the roots, and have been left alone for long enough, is looked up when somebody
 * asks.
 *
 * <p>While nothing happens both threads sleep. Where the kernel has lost changes, and where so many files are gone that the index
 * should forget them, all is to be looked through.
 */
public final class TreeWatch implements AutoCloseable {
    /** Of more names than this nobody keeps count: it is less work to look through all. */
    private static final int MOST_NAMES = 1 << 20;

    /** What is changed again and again meanwhile is told once. */
    private static final long GATHERING_MILLIS = 100;

    /** Where directories are, of so many. */
    private static final int PLACES_KNOWN = 1 << 14;

    /** So many files may be gone, and a quarter of all, before the index forgets them. */
    private static final long LEAST_GONE = 10_000;

    private static final Where OUTSIDE = new Where(-1, new byte[0]);

    private final List<TreeRoot> roots;
    private final HostWatch changes;
    private final TreeFilter filter;
    private final Duration rest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition hasChanged = lock.newCondition();
    private final Condition hasEnded = lock.newCondition();

    /** By the handle of the directory, the names to look at. */
    @GuardedBy("lock") private Map<Name, Set<Name>> names = new HashMap<>();

    @GuardedBy("lock") private int nameCount;

    @GuardedBy("lock") private boolean isLost;

    @GuardedBy("lock") private boolean isEnded;

    @GuardedBy("lock") private boolean hasMoved;

    @GuardedBy("lock") private @Nullable Throwable failure;

    private final Thread gathering;

    /** Where directories are, by their handles, until one is moved. */
    private final LinkedHashMap<Name, Where> known = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, Where> eldest) {
            return size() > PLACES_KNOWN;
        }
    };

    private long gone;

    @SuppressWarnings("ArrayRecordComponent") // nothing compares them
    private record Where(int root, byte[] path) {}

    /** A name, or a handle of a directory, which both are bytes. */
    @SuppressWarnings("ArrayRecordComponent") // compared by what they hold
    private record Name(byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Name name && Arrays.equals(bytes, name.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    private TreeWatch(List<TreeRoot> roots, HostWatch changes, TreeFilter filter, Duration rest) {
        this.roots = roots;
        this.changes = changes;
        this.filter = filter;
        this.rest = rest;
        this.gathering = Thread.ofPlatform().daemon().name("samepage-watch").start(this::gather);
    }

    /**
     * Begins to watch.
     *
     * @param paths directories and files of one file system
     * @param rest how long a file must have been left alone to be told of
     * @throws VfsException EPERM where this process may not, others where the kernel does not tell of this file system
     */
    public static TreeWatch open(List<byte[]> paths, TreeFilter filter, Duration rest) throws VfsException {
        var roots = new ArrayList<TreeRoot>();
        try {
            for (byte[] path : paths) {
                roots.add(TreeRoot.open(path));
            }
            return new TreeWatch(roots, HostWatch.open(roots.getFirst().directory()), filter, rest);
        } catch (VfsException e) {
            roots.forEach(TreeRoot::close);
            throw e;
        }
    }

    private void gather() {
        Throwable thrown = null;
        try {
            while (changes.await()) {
                Thread.sleep(GATHERING_MILLIS);
                takeAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            thrown = e;
        }
        lock.lock();
        try {
            failure = thrown;
            hasChanged.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void takeAll() throws VfsException {
        boolean isWhole = changes.take(this::note);
        lock.lock();
        try {
            isLost |= !isWhole;
            if (isLost || nameCount > 0) {
                hasChanged.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void note(HostChange change) {
        lock.lock();
        try {
            hasMoved |= change.isDirectory() && change.isMove();
            // What happens in a directory is told with its names; only one that arrives may bring some along.
            if (!change.isDirectory() || change.isArrival()) {
                add(new Name(change.directory()), new Name(change.name()));
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private void add(Name directory, Name name) {
        if (nameCount >= MOST_NAMES) {
            isLost = true;
        } else if (names.computeIfAbsent(directory, _ -> new HashSet<>()).add(name)) {
            nameCount++;
        }
    }

    /**
     * Waits until something below the roots has changed and come to rest.
     *
     * @param atMost after that time all is to be looked through, whatever the kernel tells
     * @param fileCount how many files there are, about
     * @return null after {@link #end}
     */
    public @Nullable TreeChanges await(Duration atMost, long fileCount) throws IOException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (awaitNames(deadline)) {
            Map<Name, Set<Name>> taken = takeNames();
            if (taken == null) {
                return TreeChanges.ALL;
            }
            List<TreeChanges.Place> places = lookAt(taken);
            if (gone > Math.max(LEAST_GONE, fileCount / 4)) {
                gone = 0;
                return TreeChanges.ALL;
            }
            if (!places.isEmpty()) {
                return TreeChanges.at(places, restingSince());
            }
        }
        return null;
    }

    private long restingSince() {
        return System.currentTimeMillis() - rest.toMillis();
    }

    /** Waits for names, then for what they name to come to rest. False after the end. */
    private boolean awaitNames(long deadline) throws IOException {
        lock.lock();
        try {
            for (long left = deadline - System.nanoTime();
                    nameCount == 0 && !isLost && left > 0;
                    left = deadline - System.nanoTime()) {
                if (isEnded || failure != null) {
                    return checkEnd();
                }
                hasChanged.awaitNanos(left);
            }
            isLost |= nameCount == 0;
            for (long left = rest.toNanos(); left > 0 && !isEnded && failure == null; ) {
                left = hasEnded.awaitNanos(left);
            }
            return checkEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private boolean checkEnd() throws IOException {
        return switch (failure) {
            case null -> !isEnded;
            case IOException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IOException(e);
        };
    }

    /** The names, which are not kept any longer; null where some were lost. */
    private @Nullable Map<Name, Set<Name>> takeNames() {
        lock.lock();
        try {
            Map<Name, Set<Name>> taken = isLost ? null : names;
            if (hasMoved || isLost) {
                known.clear();
            }
            names = new HashMap<>();
            nameCount = 0;
            isLost = false;
            hasMoved = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private List<TreeChanges.Place> lookAt(Map<Name, Set<Name>> taken) throws IOException {
        var places = new ArrayList<TreeChanges.Place>();
        for (var entry : taken.entrySet()) {
            Where where = whereIs(entry.getKey());
            if (where.root >= 0) {
                try {
                    lookAt(where, entry.getKey(), entry.getValue(), places);
                } catch (VfsException e) {
                    // The directory has gone meanwhile; if it has moved, its arrival is told of.
                    known.remove(entry.getKey());
                }
            }
        }
        return places;
    }

    private void lookAt(Where where, Name handle, Set<Name> wanted, List<TreeChanges.Place> places)
            throws VfsException {
        TreeRoot root = roots.get(where.root);
        var rested = new ArrayList<byte[]>();
        try (var directory = root.directory().openDirectoryBelow(where.path)) {
            for (Name name : wanted) {
                if (root.start().length == 0 || Arrays.equals(root.start(), name.bytes())) {
                    lookAt(where, directory, handle, name, rested, places);
                }
            }
        }
        if (!rested.isEmpty()) {
            places.add(new TreeChanges.Place(where.root, where.path, rested));
        }
    }

    private void lookAt(
            Where where,
            HostDirectory directory,
            Name handle,
            Name name,
            List<byte[]> rested,
            List<TreeChanges.Place> places) {
        HostStat stat;
        try {
            stat = directory.stat(name.bytes());
        } catch (VfsException e) {
            gone++;
            return;
        }
        byte[] path = where.path.length == 0 ? name.bytes() : HostPath.join(where.path, name.bytes());
        if (stat.isDirectory() && filter.enters(path)) {
            places.add(new TreeChanges.Place(where.root, path, List.of()));
        } else if (stat.isRegular() && stat.sizeBytes() > 0 && filter.takes(path, stat.sizeBytes())) {
            if (TreeChanges.hasRested(stat, restingSince())) {
                rested.add(name.bytes());
            } else {
                putBack(handle, name);
            }
        }
    }

    private void putBack(Name handle, Name name) {
        lock.lock();
        try {
            add(handle, name);
        } finally {
            lock.unlock();
        }
    }

    private Where whereIs(Name handle) throws VfsException {
        Where where = known.get(handle);
        for (int root = 0; root < roots.size() && where == null; root++) {
            try {
                where = whereIs(handle.bytes(), root);
            } catch (VfsException e) {
                if (e.errno() == Errno.EPERM) {
                    throw e;
                }
                // Gone.
                return OUTSIDE;
            }
        }
        where = where == null ? OUTSIDE : where;
        known.put(handle, where);
        return where;
    }

    /** Where below that root the directory is; null where it is not. Nothing is believed that cannot be found from the root on. */
    private @Nullable Where whereIs(byte[] handle, int number) throws VfsException {
        TreeRoot root = roots.get(number);
        try (var opened = root.directory().openByHandle(handle)) {
            byte[] below = below(root.directory().currentPath(), opened.currentPath());
            if (below == null || (below.length > 0 && root.start().length > 0) || !entersAll(below)) {
                return null;
            }
            try (var found = root.directory().openDirectoryBelow(below)) {
                return found.stat().id().equals(opened.stat().id())
                                && found.mountId() == root.directory().mountId()
                        ? new Where(number, below)
                        : null;
            }
        }
    }

    private boolean entersAll(byte[] path) {
        for (int i = 1; i <= path.length; i++) {
            if ((i == path.length || path[i] == '/') && !filter.enters(Arrays.copyOf(path, i))) {
                return false;
            }
        }
        return true;
    }

    private static byte @Nullable [] below(byte[] root, byte[] path) {
        int length = root.length == 1 ? 0 : root.length;
        if (Arrays.equals(root, path)) {
            return new byte[0];
        }
        return path.length > length + 1 && path[length] == '/' && Arrays.equals(root, 0, length, path, 0, length)
                ? Arrays.copyOfRange(path, length + 1, path.length)
                : null;
    }

    /** Lets who waits come to an end. */
    public void end() {
        lock.lock();
        try {
            isEnded = true;
            hasChanged.signalAll();
            hasEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            changes.end();
            gathering.join();
        } catch (VfsException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        changes.close();
        roots.forEach(TreeRoot::close);
    }
}
