package samepage.linux.reflink;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.BlockWindow;
import samepage.dedupe.DedupeTarget;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostExtents;
import samepage.linux.syscall.HostFile;

/**
 * A file's written extents in blocks, in order, holes and what was only preallocated left out. Six longs an extent: first
 * block of the file, how many, where the first is stored or {@link BlockWindow#UNKNOWN_PLACE}, 1 where another file has
 * exactly this storage, too, and where that is one that was read before, its id and the block there.
 */
final class ExtentList {
    private static final int FILE_BLOCK = 0;
    private static final int COUNT = 1;
    private static final int PLACE = 2;
    private static final int SHARED = 3;
    private static final int KNOWN_FILE = 4;
    private static final int KNOWN_BLOCK = 5;
    private static final int LONGS = 6;

    /** Where data are not to be found out about: what is within metadata shares nothing, what is unwritten reads as zeros. */
    private static final int NO_DATA = HostExtents.UNWRITTEN | HostExtents.NOT_ALIGNED;

    /** A place that says nothing: not allocated yet, or shared by all blocks of a compressed extent. */
    private static final int NO_PLACE = HostExtents.UNKNOWN | HostExtents.ENCODED;

    private long[] extents = new long[LONGS];
    private int size;

    /** All extents of a file; null where there are more than {@code most}, or the file system does not tell. */
    static @Nullable ExtentList of(HostFile file, int blockSize, int most) throws VfsException {
        ExtentList list = of(file, blockSize, 0, Long.MAX_VALUE, most);
        return list == null || list.size > most ? null : list;
    }

    /** What of the blocks from {@code from} to before {@code to} is stored; null where the file system does not tell. */
    static @Nullable ExtentList between(HostFile file, int blockSize, long from, long to) throws VfsException {
        ExtentList list = of(file, blockSize, from * blockSize, to * blockSize, Integer.MAX_VALUE);
        return list == null ? null : list.within(from, to);
    }

    private static @Nullable ExtentList of(HostFile file, int blockSize, long fromBytes, long toBytes, int enough)
            throws VfsException {
        var list = new ExtentList();
        try {
            file.forEachExtent(fromBytes, toBytes, (offset, physical, length, flags) -> {
                if ((flags & NO_DATA) == 0) {
                    list.addBytes(offset, physical, length, flags, blockSize);
                }
                return list.size <= enough;
            });
        } catch (VfsException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOTTY) {
                return null;
            }
            throw e;
        }
        return list;
    }

    /** An extent that is not of whole blocks brings in the blocks it is a part of, and says nothing of where they are. */
    private void addBytes(long offset, long physical, long length, int flags, int blockSize) {
        long from = Math.max(offset / blockSize, end());
        long to = Math.ceilDiv(offset + length, (long) blockSize);
        boolean isAligned = offset % blockSize == 0 && length % blockSize == 0 && physical % blockSize == 0;
        boolean isPlaced = isAligned && (flags & NO_PLACE) == 0;
        if (from < to) {
            add(
                    from,
                    to - from,
                    isPlaced ? physical / blockSize : BlockWindow.UNKNOWN_PLACE,
                    isPlaced && (flags & HostExtents.SHARED) != 0);
        }
    }

    private long end() {
        return size == 0 ? 0 : fileBlock(size - 1) + count(size - 1);
    }

    void add(long fileBlock, long count, long place, boolean isShared) {
        if ((size + 1) * LONGS > extents.length) {
            extents = Arrays.copyOf(extents, 2 * extents.length);
        }
        int at = size++ * LONGS;
        extents[at + FILE_BLOCK] = fileBlock;
        extents[at + COUNT] = count;
        extents[at + PLACE] = place;
        extents[at + SHARED] = isShared ? 1 : 0;
        extents[at + KNOWN_FILE] = 0;
    }

    /** Adds an extent of another list; its first {@code knownCount} blocks are those of another file, which has been read. */
    void addKnown(ExtentList from, int extent, long knownCount, long knownFile, long knownBlock) {
        long fileBlock = from.fileBlock(extent);
        long place = from.place(extent);
        add(fileBlock, knownCount, place, true);
        extents[(size - 1) * LONGS + KNOWN_FILE] = knownFile;
        extents[(size - 1) * LONGS + KNOWN_BLOCK] = knownBlock;
        if (knownCount < from.count(extent)) {
            add(fileBlock + knownCount, from.count(extent) - knownCount, place + knownCount, true);
        }
    }

    int size() {
        return size;
    }

    long fileBlock(int extent) {
        return extents[extent * LONGS + FILE_BLOCK];
    }

    long count(int extent) {
        return extents[extent * LONGS + COUNT];
    }

    long place(int extent) {
        return extents[extent * LONGS + PLACE];
    }

    boolean isShared(int extent) {
        return extents[extent * LONGS + SHARED] != 0;
    }

    /** The file that has the extent, too, and was read before; 0 for none. */
    long knownFile(int extent) {
        return extents[extent * LONGS + KNOWN_FILE];
    }

    /** Where in that file the extent begins. */
    long knownBlock(int extent) {
        return extents[extent * LONGS + KNOWN_BLOCK];
    }

    /** Where on the disk the file begins; 0 where it has nothing there. */
    long firstPlace() {
        return size == 0 ? 0 : Math.max(0, place(0));
    }

    /** The part within the blocks from {@code from} to before {@code to}, by the file's own block numbers. */
    ExtentList within(long from, long to) {
        var part = new ExtentList();
        for (int i = firstEndingAfter(from); i < size && fileBlock(i) < to; i++) {
            long start = Math.max(from, fileBlock(i));
            long end = Math.min(to, fileBlock(i) + count(i));
            long place = place(i) < 0 ? place(i) : place(i) + start - fileBlock(i);
            part.add(start, end - start, place, isShared(i));
            int added = (part.size - 1) * LONGS;
            part.extents[added + KNOWN_FILE] = knownFile(i);
            part.extents[added + KNOWN_BLOCK] = knownBlock(i) + start - fileBlock(i);
        }
        return part;
    }

    /** Where the block was read before as another file's; null where it was not. */
    DedupeTarget.@Nullable Origin originOf(long block) {
        int extent = firstEndingAfter(block);
        return extent == size || fileBlock(extent) > block || knownFile(extent) == 0
                ? null
                : new DedupeTarget.Origin(knownFile(extent), knownBlock(extent) + block - fileBlock(extent));
    }

    private int firstEndingAfter(long block) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (fileBlock(middle) + count(middle) <= block) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
