package samepage.inode;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.pagecache.PageCache;
import samepage.volume.InodeRecord;
import samepage.volume.LazyRecords;
import samepage.volume.Volume;

/**
 * The inodes in use: one object an inode at a time. Those that nobody refers to stay for a while, as long as they are few
 * or have something that is not on the device.
 */
public final class InodeTable {
    /** One with an extent and no page, measured. */
    private static final long INODE_HEAP_BYTES = 1200;

    private static final int MAX_UNUSED =
            (int) Math.min(16_384, Runtime.getRuntime().maxMemory() / 16 / INODE_HEAP_BYTES);

    private final Volume volume;
    private final PageCache cache;
    private final ContentOperations operations;

    @GuardedBy("this") private final Map<Long, Entry> entries = new HashMap<>();

    /** Entries without a reference, the longest unused first. */
    @GuardedBy("this") private final LinkedHashMap<Long, Entry> unused = new LinkedHashMap<>();

    /** How many inodes have left the table: what was read of one before may be old. */
    @GuardedBy("this") private long departures;

    /** Inodes whose attributes are newer than what has been put. */
    private final Set<Inode> dirtyRecords = ConcurrentHashMap.newKeySet();

    private static final class Entry {
        final Inode inode;
        int references;

        /** Its last reference has gone, and it is being freed: nobody gets a new one. */
        boolean dying;

        Entry(Inode inode) {
            this.inode = inode;
        }
    }

    public InodeTable(Volume volume, PageCache cache, ContentOperations operations) {
        this.volume = volume;
        this.cache = cache;
        this.operations = operations;
        volume.setLazyRecords(new DirtyRecords());
    }

    /** What no commit has put stays in memory. */
    private final class DirtyRecords implements LazyRecords {
        @Override
        public void putAll(Sink sink) {
            putDirtyRecords(sink);
        }

        @Override
        public long heapBytes() {
            return dirtyRecords.size() * INODE_HEAP_BYTES;
        }
    }

    private void putDirtyRecords(LazyRecords.Sink sink) {
        for (var dirty = dirtyRecords.iterator(); dirty.hasNext(); ) {
            Inode inode = dirty.next();
            synchronized (this) { // nobody evicts it, and reads it back, in between
                inode.putInto(sink.sequence()); // first: whoever finds it clean knows what to commit
                dirty.remove(); // second: what changes from now on is put again
                if (!inode.isRemoved()) {
                    sink.put(inode.recordToPut());
                }
            }
        }
    }

    ContentOperations operations() {
        return operations;
    }

    int blockSize() {
        return volume.blockSize();
    }

    /**
     * The inode, with a reference to be given back by {@link #release}.
     *
     * @throws VfsException ESTALE where there is none of that number
     */
    public Inode get(long ino) throws IOException {
        while (true) {
            long departuresBefore;
            synchronized (this) {
                Inode known = reference(ino);
                if (known != null) {
                    return known;
                }
                departuresBefore = departures;
            }
            InodeRecord record = volume.metadata().inode(ino);
            synchronized (this) {
                Inode known = reference(ino);
                if (known != null) {
                    return known;
                }
                if (record == null || entries.containsKey(ino)) {
                    throw new VfsException(Errno.ESTALE).with("inode", ino);
                }
                if (departures == departuresBefore) {
                    Inode inode = add(record);
                    inode.putInto(volume.runningSequence()); // what was read may be no older than that
                    return inode;
                }
            }
        }
    }

    /** The inode where it is in memory, with a reference; null where it is not. */
    public synchronized @Nullable Inode getIfPresent(long ino) {
        return reference(ino);
    }

    /** Takes in an inode that has just been made, with a reference. */
    public synchronized Inode created(InodeRecord record) {
        return add(record);
    }

    /** Gives a reference back. */
    public void release(Inode inode) throws IOException {
        Inode unreferenced = null;
        List<Inode> evicted = List.of();
        synchronized (this) {
            Entry entry = entries.get(inode.ino());
            if (entry == null || entry.references == 0) {
                throw new IllegalStateException("released too often: " + inode);
            }
            entry.references--;
            if (entry.references == 0) {
                if (inode.record().linkCount() == 0) {
                    entry.dying = true;
                    unreferenced = inode;
                } else {
                    unused.put(inode.ino(), entry);
                    evicted = shrink();
                }
            }
        }
        if (unreferenced != null) {
            try {
                operations.lastReferenceGone(unreferenced);
            } finally {
                forget(unreferenced);
            }
        }
        for (Inode gone : evicted) {
            gone.pages().drop(0, Long.MAX_VALUE);
        }
    }

    /** The inode's attributes are newer than what has been put. */
    void recordDirtied(Inode inode) {
        if (!inode.isRemoved()) {
            dirtyRecords.add(inode);
        }
    }

    boolean isRecordDirty(Inode inode) {
        return dirtyRecords.contains(inode);
    }

    /** Called within the removing transaction, which no commit closes meanwhile. */
    void removed(Inode inode) {
        inode.setRemoved();
        dirtyRecords.remove(inode);
    }

    private synchronized void forget(Inode inode) {
        entries.remove(inode.ino());
        departures++;
    }

    @GuardedBy("this") private @Nullable Inode reference(long ino) {
        Entry entry = entries.get(ino);
        if (entry == null || entry.dying) {
            return null;
        }
        if (entry.references++ == 0) {
            unused.remove(ino);
        }
        return entry.inode;
    }

    @GuardedBy("this") private Inode add(InodeRecord record) {
        var entry = new Entry(new Inode(this, record, cache.newMapping(record.ino()), volume.extents(record)));
        entry.references = 1;
        entries.put(record.ino(), entry);
        return entry.inode;
    }

    /** Takes out the longest unused that have nothing to lose, where there are too many. */
    @GuardedBy("this") private List<Inode> shrink() {
        if (unused.size() <= MAX_UNUSED) {
            return List.of();
        }
        var evicted = new ArrayList<Inode>();
        var longestUnused = unused.values().iterator();
        for (int looks = 0; looks < 64 && longestUnused.hasNext(); looks++) {
            Entry entry = longestUnused.next();
            if (!entry.inode.pages().isBusy() && !dirtyRecords.contains(entry.inode)) {
                longestUnused.remove();
                entries.remove(entry.inode.ino());
                departures++;
                evicted.add(entry.inode);
            }
        }
        return evicted;
    }
}
