package samepage.block;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A sparse block device in the heap. Blocks take memory from their first write to their discard; discarded blocks read as
 * zeros. Memory is taken in pieces of 256 KiB, a piece is given back when its last block is discarded; what is counted
 * against the capacity and reported as allocated is blocks.
 */
/*
 * Pieces are byte arrays, not native memory: giving native memory back while others may read it takes a closed arena
 * (a handshake with every thread) or a lock around each copy. 256 KiB stays under half a region of G1 at any heap size, so
 * no piece becomes a humongous object, which would waste up to as much again.
 */
public final class MemoryBlockDevice implements BlockDevice {
    private static final int PIECE_BYTES = 256 * 1024;

    private final int blockSize;
    private final long blockCount;
    private final int pieceBytes;
    private final ConcurrentHashMap<Long, Piece> pieces = new ConcurrentHashMap<>();
    private final AtomicLong allocatedBytes = new AtomicLong();

    private volatile long capacityBytes;
    private volatile boolean closed;

    /** A device that grows as it is written, bounded by the heap alone. */
    public MemoryBlockDevice(int blockSize) {
        this(blockSize, Long.MAX_VALUE / BlockRequest.checkedBlockSize(blockSize));
    }

    /** A device of {@code blockCount} blocks. */
    public MemoryBlockDevice(int blockSize, long blockCount) {
        this.blockSize = BlockRequest.checkedBlockSize(blockSize);
        this.blockCount = blockCount;
        this.pieceBytes = Math.max(blockSize, PIECE_BYTES);
        this.capacityBytes = blockCount * blockSize;
    }

    /** From now on a write fails with ENOSPC where it would take the device's allocated bytes above this. */
    public void limitCapacity(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /** A device with the same content and bounds, which goes its own way from here. No write may run meanwhile. */
    public MemoryBlockDevice copy() {
        var copy = new MemoryBlockDevice(blockSize, blockCount);
        copy.capacityBytes = capacityBytes;
        copy.allocatedBytes.set(allocatedBytes.get());
        pieces.forEach((index, piece) -> copy.pieces.put(index, piece.copy()));
        return copy;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long blockCount() {
        return blockCount;
    }

    @Override
    public void read(long blockIndex, MemorySegment target) throws IOException {
        var request = BlockRequest.of(this, blockIndex, target);
        checkOpen();
        forEachPiece(request, (pieceIndex, start, done, length) -> {
            var piece = pieces.get(pieceIndex);
            if (piece == null) {
                target.asSlice(done, length).fill((byte) 0);
            } else {
                MemorySegment.copy(piece.bytes, start, target, done, length);
            }
        });
    }

    @Override
    public void write(long blockIndex, MemorySegment source) throws IOException {
        var request = BlockRequest.of(this, blockIndex, source);
        checkOpen();
        forEachPiece(
                request,
                (pieceIndex, start, done, length) ->
                        MemorySegment.copy(source, done, occupied(pieceIndex, start, length).bytes, start, length));
    }

    /** The piece, in which the range's blocks now count as written. */
    private Piece occupied(long pieceIndex, long start, long length) throws VfsException {
        while (true) {
            var piece = pieces.computeIfAbsent(pieceIndex, index -> new Piece(pieceBytes));
            synchronized (piece) {
                if (piece.abandoned) {
                    continue;
                }
                var first = (int) (start / blockSize);
                var end = (int) ((start + length) / blockSize);
                var added = (long) (end - first - piece.written.get(first, end).cardinality()) * blockSize;
                take(added);
                piece.written.set(first, end);
                return piece;
            }
        }
    }

    private void take(long bytes) throws VfsException {
        var allocated = allocatedBytes.addAndGet(bytes);
        if (bytes > 0 && allocated > capacityBytes) {
            allocatedBytes.addAndGet(-bytes);
            throw new VfsException(Errno.ENOSPC, "block device is full").with("capacity", capacityBytes);
        }
    }

    @Override
    public void flush() {
        checkOpen();
    }

    @Override
    public void discard(long blockIndex, long blockCount) throws IOException {
        var request = BlockRequest.of(this, blockIndex, blockCount);
        checkOpen();
        forEachPiece(request, (pieceIndex, start, done, length) -> {
            var piece = pieces.get(pieceIndex);
            if (piece != null) {
                vacate(pieceIndex, piece, start, length);
            }
        });
    }

    private void vacate(long pieceIndex, Piece piece, long start, long length) {
        synchronized (piece) {
            var first = (int) (start / blockSize);
            var end = (int) ((start + length) / blockSize);
            allocatedBytes.addAndGet(-(long) piece.written.get(first, end).cardinality() * blockSize);
            piece.written.clear(first, end);
            piece.bytes.asSlice(start, length).fill((byte) 0);
            if (piece.written.isEmpty()) {
                piece.abandoned = true;
                pieces.remove(pieceIndex, piece);
            }
        }
    }

    @Override
    public long allocatedBytes() {
        checkOpen();
        return allocatedBytes.get();
    }

    @Override
    public long usableBytes() {
        checkOpen();
        return Math.max(0, capacityBytes - allocatedBytes.get());
    }

    @Override
    public void close() {
        closed = true;
        pieces.clear();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("block device is closed");
        }
    }

    private interface PieceAction {
        /** A part of a request: the piece, where in the piece it starts, where in the request, and its bytes. */
        void on(long pieceIndex, long start, long done, long length) throws IOException;
    }

    private void forEachPiece(BlockRequest request, PieceAction action) throws IOException {
        var done = 0L;
        while (done < request.lengthBytes()) {
            var offset = request.offsetBytes() + done;
            var start = offset % pieceBytes;
            var length = Math.min(pieceBytes - start, request.lengthBytes() - done);
            action.on(offset / pieceBytes, start, done, length);
            done += length;
        }
    }

    private static final class Piece {
        final MemorySegment bytes;

        @GuardedBy("this") final BitSet written = new BitSet();

        /** No longer in the map: a writer that found it must look again. */
        @GuardedBy("this") boolean abandoned;

        Piece(int bytes) {
            this.bytes = MemorySegment.ofArray(new byte[bytes]);
        }

        synchronized Piece copy() {
            var copy = new Piece((int) bytes.byteSize());
            copy.bytes.copyFrom(bytes);
            synchronized (copy) {
                copy.written.or(written);
            }
            return copy;
        }
    }
}
