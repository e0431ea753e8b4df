package samepage.linux.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.OpenFile;

/** The files that the kernel has open, each by a handle: its place in a table, read without a lock. */
final class OpenFiles {
    private static final int FIRST_SIZE = 256;

    private volatile AtomicReferenceArray<@Nullable Handle> table = new AtomicReferenceArray<>(FIRST_SIZE);

    @GuardedBy("this") private final Deque<Integer> free = new ArrayDeque<>();

    @GuardedBy("this") private int used;

    /** The handles of each inode that has any. */
    @GuardedBy("this") private final Map<Long, Set<Handle>> ofInode = new HashMap<>();

    private final LongAdder writtenBytes = new LongAdder();
    private final CopyOnWriteArrayList<WriteWatch> watches = new CopyOnWriteArrayList<>();

    /**
     * An open file.
     *
     * @param uid who opened it
     * @param writable whether programs may write to it, by memory maps too, which the kernel tells of later
     */
    record Handle(OpenFile file, int uid, boolean readable, boolean writable) {}

    /** Takes a file in; gives its handle. */
    synchronized int add(Handle handle) {
        Integer place = free.poll();
        if (place == null) {
            place = used++;
            if (place == table.length()) {
                grow();
            }
        }
        table.set(place, handle);
        ofInode.computeIfAbsent(handle.file().ino(), _ -> new LinkedHashSet<>()).add(handle);
        return place;
    }

    /** EBADF where there is none. */
    Handle get(long number) throws VfsException {
        AtomicReferenceArray<@Nullable Handle> now = table;
        Handle handle = number < 0 || number >= now.length() ? null : now.get((int) number);
        if (handle == null) {
            throw new VfsException(Errno.EBADF, "no such handle").with("handle", number);
        }
        return handle;
    }

    /** Takes a file out and closes it. */
    void remove(long number) throws IOException {
        Handle handle = get(number);
        synchronized (this) {
            table.set((int) number, null);
            free.push((int) number);
            long ino = handle.file().ino();
            ofInode.computeIfPresent(ino, (_, handles) -> without(handles, handle));
        }
        handle.file().close();
    }

    private static @Nullable Set<Handle> without(Set<Handle> handles, Handle handle) {
        handles.remove(handle);
        return handles.isEmpty() ? null : handles;
    }

    /** True where the user has the inode open for reading, or where that is asked for for writing. */
    synchronized boolean isOpenBy(int uid, long ino, boolean forWriting) {
        return ofInode.getOrDefault(ino, Set.of()).stream()
                .anyMatch(handle -> handle.uid == uid && (forWriting ? handle.writable : handle.readable));
    }

    /** True where programs can have changed the inode's content in ways that the kernel has not told of. */
    synchronized boolean isOpenForWriting(long ino) {
        return ofInode.getOrDefault(ino, Set.of()).stream().anyMatch(Handle::writable);
    }

    synchronized int count() {
        return used - free.size();
    }

    /** The inodes open for writing. */
    synchronized Set<Long> openForWriting() {
        var inos = new LinkedHashSet<Long>();
        ofInode.forEach((ino, handles) -> {
            if (handles.stream().anyMatch(Handle::writable)) {
                inos.add(ino);
            }
        });
        return inos;
    }

    /** From now on notes whether one of the inodes is written to. */
    WriteWatch watchWrites(long ino, long other) {
        var watch = new WriteWatch(ino, other);
        watches.add(watch);
        return watch;
    }

    /** Notes that an inode is being written to. */
    void written(long ino, int bytes) {
        writtenBytes.add(bytes);
        if (!watches.isEmpty()) {
            watches.forEach(watch -> watch.note(ino));
        }
    }

    long writtenBytes() {
        return writtenBytes.sum();
    }

    /** Remembers whether one of two inodes has been written to, until it is closed. */
    final class WriteWatch implements AutoCloseable {
        private final long ino;
        private final long other;
        private volatile boolean seen;

        private WriteWatch(long ino, long other) {
            this.ino = ino;
            this.other = other;
        }

        private void note(long written) {
            if (written == ino || written == other) {
                seen = true;
            }
        }

        boolean seen() {
            return seen;
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }

    /** Closes what the kernel has not: it is gone. */
    void closeAll() throws IOException {
        IOException failed = null;
        for (int i = 0; i < table.length(); i++) {
            if (table.get(i) != null) {
                try {
                    remove(i);
                } catch (IOException e) {
                    failed = e;
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    @GuardedBy("this") private void grow() {
        var larger = new AtomicReferenceArray<@Nullable Handle>(table.length() * 2);
        for (int i = 0; i < table.length(); i++) {
            larger.set(i, table.get(i));
        }
        table = larger;
    }
}
