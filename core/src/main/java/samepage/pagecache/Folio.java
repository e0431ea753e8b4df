package samepage.pagecache;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import samepage.lock.LockRank;
import samepage.lock.RankedLock;

/**
 * A run of {@code 2^order} of a file's blocks in memory, at an index that is a multiple of its length.
 *
 * <p>Whoever found it holds a pin, which keeps its memory; only its lock, and a look at {@link #isAttached} after taking
 * it, tells that it is still the file's (P2).
 */
public final class Folio {
    private static final int FREED = -1;

    private final PageMapping mapping;
    private final long index;
    private final PageFrames.Frame frame;
    private final int blockSize;
    private final RankedLock lock;
    private final AtomicInteger pins = new AtomicInteger(1);
    private final BlockSet upToDate;
    private final BlockSet dirty;
    private final BlockSet writeback;
    private final BlockSet promised;

    /** Those open on its memory; replaced under the lock, each holds a pin. */
    private volatile List<Window> windows = List.of();

    private volatile boolean attached = true;
    private volatile boolean recentlyUsed = true;

    /** A pinned folio that is in no tree yet; nothing of it is up to date. */
    Folio(PageMapping mapping, long index, PageFrames.Frame frame, int blockSize) {
        this.mapping = mapping;
        this.index = index;
        this.frame = frame;
        this.blockSize = blockSize;
        this.lock = new RankedLock(LockRank.PAGE, mapping.ino(), index);
        int blocks = 1 << frame.order();
        this.upToDate = new BlockSet(blocks);
        this.dirty = new BlockSet(blocks);
        this.writeback = new BlockSet(blocks);
        this.promised = new BlockSet(blocks);
    }

    /** The first file block. */
    public long index() {
        return index;
    }

    public int blockCount() {
        return 1 << frame.order();
    }

    /** True where this folio's lock is taken before {@code other}'s. */
    public boolean isBefore(Folio other) {
        return mapping.ino() != other.mapping.ino() ? mapping.ino() < other.mapping.ino() : index < other.index;
    }

    /** The file block after the last. */
    public long endIndex() {
        return index + blockCount();
    }

    /** Its memory; belongs to whoever holds a pin. */
    public MemorySegment memory() {
        return frame.memory();
    }

    /** The memory of file blocks {@code [from, to)}, which it must cover. */
    public MemorySegment memoryOf(long from, long to) {
        return memory().asSlice((from - index) * blockSize, (to - from) * blockSize);
    }

    /** The page lock. */
    public RankedLock.Held lock() {
        return lock.lockExclusive();
    }

    public boolean isLocked() {
        return lock.isHeldExclusively();
    }

    /** False once it has been dropped from its file: then it is nobody's content any more. */
    public boolean isAttached() {
        return attached;
    }

    /** True where every block of {@code [from, to)} is up to date. */
    public boolean isUpToDate(long from, long to) {
        return upToDate.nextAbsent((int) (from - index)) >= to - index;
    }

    /** The first file block from {@code from} on that is not up to date, or the end. */
    public long nextToFill(long from) {
        return index + upToDate.nextAbsent((int) (from - index));
    }

    /** The first file block from {@code from} on that is up to date, or the end. */
    public long nextFilled(long from) {
        return index + upToDate.next((int) (from - index));
    }

    /** The content of {@code [from, to)} is the file's. Under the lock. */
    public void setUpToDate(long from, long to) {
        upToDate.add((int) (from - index), (int) (to - index));
    }

    /** Blocks of {@code [from, to)} that are clean now and would need a promise of space if they became dirty. */
    public int cleanBlocks(long from, long to) {
        return (int) (to - from) - dirty.count((int) (from - index), (int) (to - index));
    }

    /**
     * Content of {@code [from, to)} has been changed, or is about to be under this lock.
     *
     * @param spacePromised whether the blocks that become dirty hold a promise of space (P3)
     */
    public void setDirty(long from, long to, boolean spacePromised) {
        assert isLocked() && attached;
        int first = (int) (from - index);
        int end = (int) (to - index);
        boolean wasBusy = isBusy();
        int runEnd;
        for (int block = dirty.nextAbsent(first); block < end; block = dirty.nextAbsent(runEnd)) {
            runEnd = Math.min(end, dirty.next(block));
            dirty.add(block, runEnd);
            if (spacePromised) {
                promised.add(block, runEnd);
            }
            mapping.cache().dirtied(runEnd - block);
            mapping.busyBlocksChanged(runEnd - block);
        }
        if (!wasBusy) {
            mapping.becameBusy(this);
        }
        mapping.cache().dirtied(mapping);
    }

    /** The first dirty file block from {@code from} on, or the end. */
    public long nextDirty(long from) {
        return index + dirty.next((int) (from - index));
    }

    /** The end of the run of dirty blocks from {@code from} on that all hold a promise of space, or all hold none. */
    public long dirtyRunEnd(long from) {
        int first = (int) (from - index);
        int end = dirty.nextAbsent(first);
        return index + Math.min(end, promised.contains(first) ? promised.nextAbsent(first) : promised.next(first));
    }

    /** The first block from {@code from} on whose newest content is not on the device yet, or the end. */
    long nextBusy(long from) {
        int block = (int) (from - index);
        return index + Math.min(dirty.next(block), writeback.next(block));
    }

    /** The first block from {@code from} on that is neither dirty nor on its way to the device, or the end. */
    long nextIdle(long from) {
        long block = from;
        while (block < endIndex() && nextBusy(block) == block) {
            block++;
        }
        return block;
    }

    /**
     * Dirty blocks {@code [from, to)} have been copied and are on their way to the device. Under the lock.
     *
     * @return how many promises of space go with them
     */
    public int beginWriteback(long from, long to) {
        assert isLocked() && windows.stream().noneMatch(window -> window.isWritable() && window.overlaps(from, to));
        int first = (int) (from - index);
        int end = (int) (to - index);
        writeback.add(first, end); // first: who looks without the lock never finds it idle
        dirty.remove(first, end);
        int promises = promised.count(first, end);
        promised.remove(first, end);
        mapping.cache().cleaned(end - first);
        return promises;
    }

    /** Blocks {@code [from, to)} are on the device and the file's extents say so. Under the lock. */
    public void endWriteback(long from, long to) {
        assert isLocked();
        writeback.remove((int) (from - index), (int) (to - index));
        mapping.busyBlocksChanged((int) (from - to));
        if (!isBusy()) {
            mapping.becameIdle(this);
        }
    }

    /**
     * Writing {@code [from, to)} failed: they are dirty as before. Under the lock.
     *
     * @param promises what {@link #beginWriteback} has given: one for each block, or none
     */
    public void writebackFailed(long from, long to, int promises) {
        for (long block = from; block < to; block++) {
            int at = (int) (block - index);
            boolean dirtyAgain = dirty.contains(at);
            setDirty(block, block + 1, promises > 0);
            if (dirtyAgain && promises > 0) {
                mapping.cache().backing().returnPromises(1);
            }
        }
        writeback.remove((int) (from - index), (int) (to - index));
        mapping.busyBlocksChanged((int) (from - to));
    }

    /** True while a block is dirty or under writeback. */
    boolean isBusy() {
        return !dirty.isEmpty() || !writeback.isEmpty();
    }

    /**
     * Forgets the content of {@code [from, to)}; nothing of it is under writeback. Under the lock.
     *
     * @return promises of space that are free now
     */
    int forget(long from, long to) {
        assert isLocked();
        takeWindows(from, to); // one that an I/O operation keeps stays a view of memory that is no longer the file's
        int first = (int) (from - index);
        int end = (int) (to - index);
        int promises = promised.count(first, end);
        boolean wasBusy = isBusy();
        mapping.cache().cleaned(dirty.count(first, end));
        mapping.busyBlocksChanged(-dirty.count(first, end));
        promised.remove(first, end);
        dirty.remove(first, end);
        upToDate.remove(first, end);
        if (wasBusy && !isBusy()) {
            mapping.becameIdle(this);
        }
        return promises;
    }

    /**
     * A view of blocks {@code [from, to)}, which are up to date and, for a writable one, dirty. Under the lock.
     *
     * @param listener is told what may have changed through it
     */
    public Window openWindow(long from, long to, boolean writable, Window.Listener listener) {
        assert isLocked() && attached && isUpToDate(from, to);
        assert !writable || cleanBlocks(from, to) == 0;
        pin();
        var window = new Window(this, from, to, writable, listener);
        windows = Stream.concat(windows.stream(), Stream.of(window)).toList();
        mapping.becameMapped(this);
        mapping.cache().windowOpened(window);
        return window;
    }

    /**
     * Takes writability of blocks {@code [from, to)} away: when it returns no store to them is in flight, and the next one
     * asks. Under the lock.
     *
     * @return false where an I/O operation keeps a window's memory in use: then a store may still come
     */
    public boolean takeWritability(long from, long to) {
        return takeWindows(from, to, true);
    }

    /** The same for all access. */
    boolean takeWindows(long from, long to) {
        return takeWindows(from, to, false);
    }

    private boolean takeWindows(long from, long to, boolean writableOnly) {
        assert isLocked();
        boolean all = true;
        for (Window window : windows) {
            if (window.overlaps(from, to) && (window.isWritable() || !writableOnly)) {
                all &= takeWindow(window);
            }
        }
        return all;
    }

    /** Takes one away; false where it is in use by an I/O operation. Under the lock. */
    boolean takeWindow(Window window) {
        assert isLocked();
        if (!window.tryClose()) {
            return false;
        }
        windows = windows.stream().filter(other -> other != window).toList();
        if (windows.isEmpty()) {
            mapping.becameUnmapped(this);
        }
        mapping.cache().windowTaken(window);
        unpin();
        return true;
    }

    /** The page lock where it is free, else null. */
    RankedLock.@Nullable Held tryLock() {
        return lock.tryLockExclusive();
    }

    /** True where somebody has a pin; that of an open window does not count. */
    boolean isInUse() {
        return pins.get() > windows.size();
    }

    /** Takes all windows away; false where some are left. Under the lock. */
    boolean takeAllWindows() {
        return takeWindows(index, endIndex());
    }

    /** Takes a pin where its memory is still there. */
    boolean tryPin() {
        while (true) {
            int now = pins.get();
            if (now == FREED) {
                return false;
            }
            if (pins.compareAndSet(now, now + 1)) {
                recentlyUsed = true;
                return true;
            }
        }
    }

    /** Takes one more pin; the caller has one. */
    public void pin() {
        pins.incrementAndGet();
    }

    /** Gives a pin back. */
    public void unpin() {
        if (pins.decrementAndGet() == 0 && !attached) {
            freeWhereUnpinned();
        }
    }

    /** It is no longer part of its file; the last pin takes the memory along. */
    void detach() {
        attached = false;
        if (pins.get() == 0) {
            freeWhereUnpinned();
        }
    }

    /** Evicts it where nobody uses it: afterwards nobody can pin it. */
    boolean tryFreeze() {
        return pins.compareAndSet(0, FREED);
    }

    private void freeWhereUnpinned() {
        if (pins.compareAndSet(0, FREED)) {
            freeMemory();
        }
    }

    void freeMemory() {
        attached = false;
        mapping.cache().frames().give(frame);
    }

    boolean wasRecentlyUsed() {
        boolean used = recentlyUsed;
        recentlyUsed = false;
        return used;
    }

    PageMapping mapping() {
        return mapping;
    }
}
