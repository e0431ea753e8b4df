package samepage.linux.reflink;

import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.BlockWindow;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostFile;
import samepage.linux.syscall.ReadAdvice;

/** Reads pieces of files and takes the fingerprints of their blocks. Belongs to one thread. */
final class PieceReader implements AutoCloseable {
    private static final Hasher128 XXH3 = Hashing.xxh3_128();
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int SMALL_FILE_BYTES = 128 << 10;

    private final List<TreeRoot> roots;
    private final int blockSize;
    private final boolean findsZeros;
    private final ReadRate rate;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer;
    private final byte[] block;
    private final HashValue128 zeros;

    /** @param findsZeros whether blocks of zeros are to be told from others */
    PieceReader(List<TreeRoot> roots, int blockSize, boolean findsZeros, ReadRate rate) {
        this.roots = roots;
        this.blockSize = blockSize;
        this.findsZeros = findsZeros;
        this.rate = rate;
        this.block = new byte[blockSize];
        this.zeros = XXH3.hashBytesTo128Bits(block);
        this.buffer = arena.allocate(Math.max(BUFFER_BYTES, blockSize), blockSize);
    }

    /**
     * Reads what of the piece is stored by this file alone; what another has, too, stays without data here. Where the file
     * changes meanwhile, what is found is of old, or of a bit of both: its times are others from then on, so that the next run
     * reads it again.
     *
     * @throws VfsException ENOENT where the file is gone, ESTALE where it has become shorter
     */
    Piece read(TreeFile file, long firstBlock) throws VfsException {
        return read(file, firstBlock, hasToBeRead(file, firstBlock) ? open(file) : null);
    }

    /**
     * Begins to read a small file, and does not wait for it.
     *
     * @return what to {@link #read(TreeFile, long, HostFile)} it from; null where nothing of it has to be read
     */
    @Nullable HostFile begin(TreeFile file) throws VfsException {
        if (!hasToBeRead(file, 0)) {
            return null;
        }
        HostFile opened = open(file);
        if (!rate.isLimited()) {
            opened.advise(ReadAdvice.WILL_NEED, 0, file.sizeBytes());
        }
        return opened;
    }

    /** As {@link #read(TreeFile, long)}, from a file that is closed then; null for one of which nothing has to be read. */
    Piece read(TreeFile file, long firstBlock, @Nullable HostFile opened) throws VfsException {
        var piece = Piece.toRead(firstBlock, blocksOf(file, firstBlock));
        try (opened) {
            if (opened != null) {
                read(file, opened, piece);
            }
        }
        return piece;
    }

    private void read(TreeFile file, HostFile opened, Piece piece) throws VfsException {
        if (!isSmall(file)) {
            opened.advise(ReadAdvice.SEQUENTIAL, 0, 0);
        }
        long end = piece.firstBlock() + piece.blocks();
        ExtentList all = file.extents();
        ExtentList extents = all == null
                ? ExtentList.between(opened, blockSize, piece.firstBlock(), end)
                : all.within(piece.firstBlock(), end);
        if (extents == null) {
            readWhereDataAre(file, opened, piece);
        } else {
            readExtents(file, opened, piece, extents);
        }
    }

    /** Whether the file is one that is read at a stroke. */
    static boolean isSmall(TreeFile file) {
        return file.sizeBytes() <= SMALL_FILE_BYTES;
    }

    private HostFile open(TreeFile file) throws VfsException {
        return roots.get(file.root()).directory().openBelow(file.path());
    }

    private int blocksOf(TreeFile file, long firstBlock) {
        return Piece.blocksFrom(firstBlock, file.blockCount(blockSize));
    }

    private boolean hasToBeRead(TreeFile file, long firstBlock) {
        ExtentList extents = file.extents();
        if (extents == null) {
            return true;
        }
        ExtentList within = extents.within(firstBlock, firstBlock + blocksOf(file, firstBlock));
        for (int i = 0; i < within.size(); i++) {
            if (within.knownFile(i) == 0) {
                return true;
            }
        }
        return false;
    }

    private void readExtents(TreeFile file, HostFile opened, Piece piece, ExtentList extents) throws VfsException {
        for (int i = 0; i < extents.size(); i++) {
            if (extents.knownFile(i) == 0) {
                long from = extents.fileBlock(i);
                readRange(file, opened, piece, from, from + extents.count(i), extents.place(i));
            }
        }
    }

    private void readWhereDataAre(TreeFile file, HostFile opened, Piece piece) throws VfsException {
        long end = piece.firstBlock() + piece.blocks();
        long from = piece.firstBlock();
        while (from < end) {
            long data = opened.seekData(from * blockSize);
            if (data == HostFile.NOWHERE || data >= end * blockSize) {
                return;
            }
            long hole = opened.seekHole(data);
            from = Math.max(from, data / blockSize);
            long to = hole == HostFile.NOWHERE ? end : Math.min(end, Math.ceilDiv(hole, (long) blockSize));
            readRange(file, opened, piece, from, to, BlockWindow.UNKNOWN_PLACE);
            from = Math.max(to, from + 1);
        }
    }

    private void readRange(TreeFile file, HostFile opened, Piece piece, long from, long to, long place)
            throws VfsException {
        int blocksAtOnce = (int) (buffer.byteSize() / blockSize);
        for (long block = from; block < to; block += blocksAtOnce) {
            long offset = block * blockSize;
            long wanted = Math.min(Math.min(blocksAtOnce, to - block) * blockSize, file.sizeBytes() - offset);
            if (wanted <= 0) {
                return;
            }
            rate.await(wanted);
            long read = opened.read(buffer.asSlice(0, wanted), offset);
            if (read < wanted) {
                throw new VfsException(Errno.ESTALE, "the file became shorter meanwhile").with("path", opened.path());
            }
            long padded = Math.ceilDiv(wanted, (long) blockSize) * blockSize;
            buffer.asSlice(wanted, padded - wanted).fill((byte) 0);
            for (long at = 0; at < wanted; at += blockSize) {
                long index = block - piece.firstBlock() + at / blockSize;
                boolean isWhole = at + blockSize <= wanted;
                fingerprint(piece, (int) index, at, isWhole, place < 0 ? place : place + block - from + at / blockSize);
            }
        }
    }

    private void fingerprint(Piece piece, int index, long at, boolean isWhole, long place) {
        // In an array: through a segment's accessors the compiler takes longer for the hash than the hash for
        // everything.
        MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, at, block, 0, blockSize);
        HashValue128 hash = XXH3.hashBytesTo128Bits(block);
        long high = hash.getMostSignificantBits();
        piece.set(
                index,
                high == BlockWindow.SEEN ? 1 : high,
                (char) hash.getLeastSignificantBits(),
                findsZeros && isWhole && hash.equals(zeros) ? BlockWindow.ZEROS : place);
    }

    @Override
    public void close() {
        arena.close();
    }
}
