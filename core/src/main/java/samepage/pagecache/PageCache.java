package samepage.pagecache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.RankedLock;

/**
 * The pages of all files of a volume within one budget of memory: makes folios, evicts the clean that have not been used
 * lately, has the dirty written back in the background, and slows writers down that dirty more than is written.
 */
public final class PageCache implements AutoCloseable {
    /** Dirty pages are written back when they are this part of the budget, or this old. */
    private static final int BACKGROUND_DIVISOR = 16;
    /** Writers wait when dirty pages are this part of the budget. */
    private static final int THROTTLE_DIVISOR = 2;

    private static final long MAX_DIRTY_AGE_NANOS = 5_000_000_000L;
    private static final long PAUSE_NANOS = 50_000_000L;

    /** A writer that waits for writeback is told of what it fails with when it has failed for so long. */
    private static final long STUCK_NANOS = 1_000_000_000L;

    private static final int SWEEP_FOLIOS = 4096;
    private static final int MAPPINGS_PER_WRITEBACK = 1024;

    private final int blockSize;
    private final PageBacking backing;
    private final PageFrames frames;
    private final ConcurrentLinkedQueue<Folio> clock = new ConcurrentLinkedQueue<>();

    /** Folios in the clock, whose own count would be a walk over all of them. */
    private final AtomicInteger clockSize = new AtomicInteger();

    /** Those of them that have left their files. */
    private final AtomicInteger detachedInClock = new AtomicInteger();

    private final Set<Window> windows = ConcurrentHashMap.newKeySet();
    private final AtomicLong dirtyBlocks = new AtomicLong();

    /** Counted upwards: that writeback gets on does not show in what is dirty, for writers go on too. */
    private final AtomicLong cleanedBlocks = new AtomicLong();

    private final long backgroundBlocks;
    private final long throttleBlocks;
    private final Thread flusher;

    /** Mappings that have dirty pages, the one that has had them longest first, with the moment they came. */
    @GuardedBy("this") private final LinkedHashMap<PageMapping, Long> dirtyMappings = new LinkedHashMap<>();

    /** Mappings that the flusher has taken out to write back. */
    @GuardedBy("this") private List<PageMapping> underWay = List.of();

    /** After a round in which nothing could be written, or writers were as fast, the device is left alone for a moment. */
    @GuardedBy("this") private long notBeforeNanos = System.nanoTime();

    /** Why the last round could write nothing; null where it could, or had nothing to. */
    @GuardedBy("this") private @Nullable IOException stuck;

    @GuardedBy("this") private long stuckSinceNanos;

    /** Nobody wakes a flusher that is awake. */
    private volatile boolean flusherWaits;

    @GuardedBy("this") private boolean closing;

    /** @param memory allocates what is freed with the arena */
    public PageCache(int blockSize, long budgetBytes, PageBacking backing, Function<Arena, SegmentAllocator> memory) {
        this.blockSize = blockSize;
        this.backing = backing;
        this.frames = new PageFrames(blockSize, budgetBytes, memory);
        this.backgroundBlocks = budgetBytes / blockSize / BACKGROUND_DIVISOR;
        this.throttleBlocks = budgetBytes / blockSize / THROTTLE_DIVISOR;
        this.flusher = Thread.ofPlatform().daemon().name("samepage-writeback").start(this::flush);
    }

    /** The pages of one file. */
    public PageMapping newMapping(long ino) {
        return new PageMapping(ino, this);
    }

    PageFrames frames() {
        return frames;
    }

    PageBacking backing() {
        return backing;
    }

    /**
     * Waits while too much is dirty. Called with no lock held, before dirtying more.
     *
     * @throws VfsException why nothing can be written back, where that lasts
     */
    public void throttle() throws IOException {
        if (dirtyBlocks.get() < throttleBlocks) {
            return;
        }
        boolean interrupted = false;
        synchronized (this) {
            while (dirtyBlocks.get() >= throttleBlocks && !closing && backing.isWritable() && !isStuck()) {
                notifyAll();
                try {
                    wait(100);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        throwWhereStuck();
    }

    @GuardedBy("this") private boolean isStuck() {
        return stuck != null && System.nanoTime() - stuckSinceNanos > STUCK_NANOS;
    }

    private synchronized void throwWhereStuck() throws VfsException {
        IOException failure = stuck;
        if (failure != null && isStuck() && dirtyBlocks.get() >= throttleBlocks) {
            Errno errno = failure instanceof VfsException known ? known.errno() : Errno.EIO;
            throw new VfsException(errno, "what has been written before cannot be brought to the device", failure);
        }
    }

    /** An unattached, pinned folio that covers {@code block}, as large as is wanted, aligned and to be had. */
    Folio makeFolio(PageMapping mapping, long block, long wantedBlocks) {
        int order = Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.max(1, wantedBlocks));
        order = Math.min(order, frames.maxOrder());
        while (order > 0 && block + wantedBlocks < (block >> order << order) + (1L << order)) {
            order--;
        }
        while (order > 0) {
            PageFrames.Frame frame = frames.take(order);
            if (frame == null) {
                evict(1L << order);
                frame = frames.take(order);
            }
            if (frame != null) {
                return new Folio(mapping, block >> order << order, frame, blockSize);
            }
            order--;
        }
        PageFrames.Frame frame = frames.take(0);
        if (frame == null) {
            evict(1);
            frame = frames.takeBeyondBudget(0);
        }
        return new Folio(mapping, block, frame, blockSize);
    }

    /** A made folio that found its place taken. */
    void discard(Folio folio) {
        folio.detach();
        folio.unpin();
    }

    void inserted(Folio folio) {
        clock.add(folio);
        clockSize.incrementAndGet();
    }

    /** A folio has left its file. Where no page is ever evicted, those that have would stay in the clock for good. */
    void detached() {
        if (detachedInClock.incrementAndGet() > Math.max(SWEEP_FOLIOS, clockSize.get() / 2)) {
            for (int looks = clockSize.get(); looks > 0; looks--) {
                Folio next = clock.poll();
                if (next != null && next.isAttached()) {
                    clock.add(next);
                } else if (next != null) {
                    leftTheClock();
                }
            }
        }
    }

    private void leftTheClock() {
        clockSize.decrementAndGet();
        detachedInClock.decrementAndGet();
    }

    /** How many folios the clock holds. */
    int clockSize() {
        return clockSize.get();
    }

    /** Frees clean, unpinned folios that have not been used lately, until {@code blocks} are free or all have been seen twice. */
    private void evict(long blocks) {
        long freed = 0;
        for (int looks = 2 * clockSize.get(); looks > 0 && freed < blocks; looks--) {
            Folio folio = clock.poll();
            if (folio == null) {
                return;
            }
            if (!folio.isAttached()) {
                leftTheClock();
                continue;
            }
            if (folio.wasRecentlyUsed() || !tryEvict(folio)) {
                clock.add(folio);
            } else {
                clockSize.decrementAndGet();
                freed += folio.blockCount();
            }
        }
    }

    /** Under its lock: whoever has that, too, and finds it attached, has its content. */
    private static boolean tryEvict(Folio folio) {
        RankedLock.Held held = folio.isBusy() || folio.isInUse() ? null : folio.tryLock();
        if (held == null) {
            return false;
        }
        try (held) {
            if (folio.isBusy() || !folio.takeAllWindows() || !folio.tryFreeze()) {
                return false;
            }
            folio.mapping().tree().remove(folio);
            folio.freeMemory();
            return true;
        }
    }

    void windowOpened(Window window) {
        windows.add(window);
    }

    void windowTaken(Window window) {
        windows.remove(window);
    }

    void dirtied(int blocks) {
        dirtyBlocks.addAndGet(blocks);
    }

    void cleaned(int blocks) {
        cleanedBlocks.addAndGet(blocks);
        long left = dirtyBlocks.addAndGet(-blocks);
        if (left < throttleBlocks && left + blocks >= throttleBlocks) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    /** A page of the mapping has become dirty. Most that do are in a mapping that waits for the flusher already. */
    void dirtied(PageMapping mapping) {
        if (mapping.isToBeWrittenBack() && (dirtyBlocks.get() < backgroundBlocks || !flusherWaits)) {
            return;
        }
        synchronized (this) {
            enlist(mapping);
            if (dirtyBlocks.get() >= backgroundBlocks) {
                notifyAll();
            }
        }
    }

    @GuardedBy("this") private void enlist(PageMapping mapping) {
        dirtyMappings.putIfAbsent(mapping, System.nanoTime());
        mapping.setToBeWrittenBack(true);
    }

    /** The mappings that have dirty pages, or pages on their way to the device. */
    public synchronized List<PageMapping> busyMappings() {
        var mappings = new LinkedHashSet<>(underWay);
        mappings.addAll(dirtyMappings.keySet());
        return List.copyOf(mappings);
    }

    /** Where this ends before the cache is closed, nothing would be written back any more, and nobody would know. */
    private void flush() {
        try {
            for (List<PageMapping> oldest = awaitWork(); !oldest.isEmpty(); oldest = awaitWork()) {
                writeBack(oldest);
            }
        } catch (RuntimeException | Error e) {
            backing.broken(e);
            throw e;
        }
    }

    /** What could not be written stays dirty. */
    private void writeBack(List<PageMapping> oldest) {
        long dirtyBefore = dirtyBlocks.get();
        long cleanedBefore = cleanedBlocks.get();
        IOException failure = null;
        try {
            backing.writeBack(oldest);
        } catch (IOException e) {
            failure = e;
        }
        synchronized (this) {
            boolean failed = failure == null ? cleanedBlocks.get() == cleanedBefore : dirtyBlocks.get() >= dirtyBefore;
            underWay = List.of();
            for (PageMapping mapping : oldest) {
                if (mapping.isBusy()) {
                    enlist(mapping);
                }
            }
            notifyAll();
            if (failed) {
                notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
            }
            if (stuck == null) {
                stuckSinceNanos = System.nanoTime();
            }
            stuck = failed ? failure : null;
        }
    }

    /** The mappings to write back now; none when the cache closes. */
    private synchronized List<PageMapping> awaitWork() {
        while (!closing) {
            var due = new ArrayList<PageMapping>();
            boolean pressed = dirtyBlocks.get() >= backgroundBlocks && System.nanoTime() - notBeforeNanos >= 0;
            long oldEnough = System.nanoTime() - MAX_DIRTY_AGE_NANOS;
            for (Map.Entry<PageMapping, Long> dirty : dirtyMappings.entrySet()) {
                if (due.size() == MAPPINGS_PER_WRITEBACK || !(pressed || dirty.getValue() < oldEnough)) {
                    break;
                }
                due.add(dirty.getKey());
            }
            if (!due.isEmpty()) {
                for (PageMapping mapping : due) {
                    dirtyMappings.remove(mapping);
                    mapping.setToBeWrittenBack(false); // before its pages are looked at: one dirtied later calls again
                }
                underWay = due;
                return due;
            }
            flusherWaits = true;
            try {
                wait(100);
            } catch (InterruptedException e) {
                return List.of();
            } finally {
                flusherWaits = false;
            }
        }
        return List.of();
    }

    /** Ends the background writeback and frees all memory; whatever is dirty is lost, and no folio may be in use. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (flusher.isAlive()) {
            try {
                flusher.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        windows.forEach(Window::close); // whoever still stores through one fails, instead of storing into freed memory
        frames.close();
    }
}
