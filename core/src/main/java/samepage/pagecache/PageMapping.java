package samepage.pagecache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One file's pages: the kernel's address space. */
public final class PageMapping {
    private final long ino;
    private final PageCache cache;
    private final PageTree tree = new PageTree();

    /** Folios that are dirty or under writeback, by index. */
    private final ConcurrentSkipListMap<Long, Folio> busy = new ConcurrentSkipListMap<>();

    /** Folios on which windows are open, by index. */
    private final ConcurrentSkipListMap<Long, Folio> mapped = new ConcurrentSkipListMap<>();

    private final AtomicLong busyBlocks = new AtomicLong();

    /** In the cache's list of those with dirty pages; changed under the cache's monitor. */
    private volatile boolean toBeWrittenBack;

    PageMapping(long ino, PageCache cache) {
        this.ino = ino;
        this.cache = cache;
    }

    public long ino() {
        return ino;
    }

    PageCache cache() {
        return cache;
    }

    PageTree tree() {
        return tree;
    }

    /** The folio that covers a block, pinned; null where none does. */
    public @Nullable Folio find(long block) {
        while (true) {
            Folio folio = tree.get(block);
            if (folio == null || folio.tryPin()) {
                return folio;
            }
            Thread.onSpinWait();
        }
    }

    /** Pins a folio that was found in the tree; false where it is evicted: wait until it has left the tree. */
    private boolean pin(Folio folio) {
        while (!folio.tryPin()) {
            if (tree.get(folio.index()) != folio) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    /**
     * The folio that covers a block, pinned, made where there is none.
     *
     * @param wantedBlocks how much of the file from {@code block} on will be used soon: a larger folio is made for more
     */
    public Folio findOrCreate(long block, long wantedBlocks) {
        while (true) {
            Folio found = find(block);
            if (found != null) {
                return found;
            }
            Folio made = cache.makeFolio(this, block, wantedBlocks);
            synchronized (tree) {
                if (tree.isFree(made.index(), made.endIndex())) {
                    tree.insert(made);
                    cache.inserted(made);
                    return made;
                }
            }
            cache.discard(made);
            if (made.blockCount() > 1) {
                wantedBlocks = made.blockCount() / 2;
            }
        }
    }

    /** The first block from {@code from} on whose newest content is not on the device yet; Long.MAX_VALUE where none. */
    public long firstBusy(long from) {
        var before = busy.floorEntry(from);
        if (before != null && before.getValue().endIndex() > from) {
            long block = before.getValue().nextBusy(from);
            if (block < before.getValue().endIndex()) {
                return block;
            }
        }
        for (Folio folio : busy.tailMap(from, false).values()) {
            long block = folio.nextBusy(folio.index());
            if (block < folio.endIndex()) {
                return block;
            }
        }
        return Long.MAX_VALUE;
    }

    /** The first block from {@code from} on whose newest content is on the device, if it is anywhere. */
    public long firstIdle(long from) {
        long block = from;
        while (true) {
            var covering = busy.floorEntry(block);
            if (covering == null || covering.getValue().endIndex() <= block) {
                return block;
            }
            long idle = covering.getValue().nextIdle(block);
            if (idle < covering.getValue().endIndex()) {
                return idle;
            }
            block = idle;
        }
    }

    /** True where a page is dirty or under writeback. */
    public boolean isBusy() {
        return !busy.isEmpty();
    }

    /** Blocks that are dirty, and blocks under writeback: what is both counts twice. */
    public long busyBlocks() {
        return busyBlocks.get();
    }

    void busyBlocksChanged(int more) {
        busyBlocks.addAndGet(more);
    }

    boolean isToBeWrittenBack() {
        return toBeWrittenBack;
    }

    void setToBeWrittenBack(boolean is) {
        toBeWrittenBack = is;
    }

    /** The folios that are dirty or under writeback and overlap {@code [from, to)}, pinned, in order. */
    public List<Folio> pinBusy(long from, long to, int limit) {
        var folios = new ArrayList<Folio>();
        Long first = busy.floorKey(from);
        for (Folio folio :
                busy.subMap(first == null ? from : first, true, to, false).values()) {
            if (folios.size() == limit) {
                break;
            }
            if (folio.endIndex() > from && pin(folio)) {
                folios.add(folio);
            }
        }
        return folios;
    }

    /**
     * Drops the content of {@code [from, to)}, dirty or not. The caller keeps faults and fills out (invalidate lock) and
     * writeback too.
     */
    public void drop(long from, long to) {
        forEach(from, to, folio -> {
            try (var _ = folio.lock()) {
                if (folio.isAttached()) {
                    dropPart(folio, Math.max(from, folio.index()), Math.min(to, folio.endIndex()));
                }
            }
        });
    }

    /**
     * Drops the clean content of {@code [from, to)}, so that it is read anew; dirty blocks stay. Needs no lock: what is
     * being filled is waited for.
     */
    public void dropClean(long from, long to) {
        forEach(from, to, folio -> {
            try (var _ = folio.lock()) {
                if (folio.isAttached()) {
                    long end = Math.min(to, folio.endIndex());
                    for (long block = Math.max(from, folio.index()); block < end; block++) {
                        if (folio.nextBusy(block) != block) {
                            folio.forget(block, block + 1);
                        }
                    }
                }
            }
        });
    }

    /**
     * Takes all windows on {@code [from, to)} away; the caller keeps faults out, so that none is opened again.
     *
     * @return false where an I/O operation keeps the memory of one in use
     */
    public boolean takeWindows(long from, long to) {
        return forEachMapped(from, to, folio -> folio.takeWindows(from, to));
    }

    /**
     * Takes writability of {@code [from, to)} away: what has been stored through windows until now is told of. Unless the
     * caller keeps faults out, the next store opens a new one.
     *
     * @return false where an I/O operation keeps the memory of a window in use
     */
    public boolean takeWritability(long from, long to) {
        return forEachMapped(from, to, folio -> folio.takeWritability(from, to));
    }

    private boolean forEachMapped(long from, long to, Predicate<Folio> take) {
        boolean all = true;
        Long first = mapped.floorKey(from);
        for (Folio folio :
                mapped.subMap(first == null ? from : first, true, to, false).values()) {
            if (folio.endIndex() > from && folio.tryPin()) {
                try (var _ = folio.lock()) {
                    all &= take.test(folio);
                } finally {
                    folio.unpin();
                }
            }
        }
        return all;
    }

    /**
     * Zeroes what a page of {@code block} has from {@code fromByte} on: what a memory map has stored past the end of the file,
     * before the file grows over it.
     */
    public void zeroTail(long block, int fromByte) {
        Folio folio = find(block);
        if (folio == null) {
            return;
        }
        try (var _ = folio.lock()) {
            if (folio.isAttached() && folio.isUpToDate(block, block + 1)) {
                folio.takeWritability(block, block + 1);
                folio.memoryOf(block, block + 1).asSlice(fromByte).fill((byte) 0);
            }
        } finally {
            folio.unpin();
        }
    }

    private void dropPart(Folio folio, long from, long to) {
        int promises = folio.forget(from, to);
        if (promises > 0) {
            cache.backing().returnPromises(promises);
        }
        if (from == folio.index() && to == folio.endIndex()) {
            detach(folio);
        }
    }

    private void detach(Folio folio) {
        synchronized (tree) {
            tree.remove(folio);
            folio.detach();
        }
        cache.detached();
    }

    private void forEach(long from, long to, java.util.function.Consumer<Folio> action) {
        for (Folio folio : tree.folios(from, to)) {
            if (pin(folio)) {
                try {
                    action.accept(folio);
                } finally {
                    folio.unpin();
                }
            }
        }
    }

    void becameBusy(Folio folio) {
        busy.put(folio.index(), folio);
    }

    void becameIdle(Folio folio) {
        busy.remove(folio.index(), folio);
    }

    void becameMapped(Folio folio) {
        mapped.put(folio.index(), folio);
    }

    void becameUnmapped(Folio folio) {
        mapped.remove(folio.index(), folio);
    }
}
