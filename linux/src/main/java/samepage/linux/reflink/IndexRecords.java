package samepage.linux.reflink;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.BlockWindow;

/**
 * The records of the index. Keys begin with a letter of their own; {@code k} is the finder's.
 *
 * <pre>
 *   'f' id (8)               subvolume  inode  size  2 * root   path   then the file's first piece
 *     or of a copy           subvolume  inode  size  2 * root + 1  how the path begins  id of the original
 *                            length of what both paths end in
 *   'e' id (8)               those of them that are short, 64 in one by the id without its last six bits (RecordGroup)
 *   'g' id (8) piece (4)     a further piece
 *   'i' subvolume (8) inode (8)      version (4)  id           as they are looked up
 *   'j' subvolume (8) inode (8)                                as they are stored, 64 in one likewise
 *   'm'                      format  block size  digest of the roots (8)  next id  in progress: id, block, version (4)
 *
 *   a piece:                 runs   then for each   blocks left out   count   place + 3     then of each block its hint (2)
 * </pre>
 *
 * A copy has the only piece of its original, which is no copy. Numbers without a size are as long as they need. The store checks what it reads by checksums of its own.
 */
final class IndexRecords {
    static final byte FILES = 'f';
    static final byte FILE_GROUPS = 'e';
    static final byte PIECES = 'g';
    static final byte INODES = 'i';
    static final byte INODE_GROUPS = 'j';
    static final byte[] STATE_KEY = {'m'};

    /** So that unknown and zero places are numbers, too. */
    private static final int PLACE_SHIFT = 3;

    private static final int IS_COPY = 1;

    private IndexRecords() {}

    static byte[] fileKey(long id) {
        return key(FILES, 1 + Long.BYTES).at(id).bytes();
    }

    static byte[] pieceKey(long id, int piece) {
        return key(PIECES, 1 + Long.BYTES + Integer.BYTES).at(id).at32(piece).bytes();
    }

    static byte[] inodeKey(long subvolume, long inode) {
        return key(INODES, 1 + 2 * Long.BYTES).at(subvolume).at(inode).bytes();
    }

    /** The key of the group that has the record of a key, of a file or an inode. */
    static byte[] groupKey(byte[] key) {
        byte[] group = key.clone();
        group[0] = key[0] == FILES ? FILE_GROUPS : INODE_GROUPS;
        group[group.length - 1] &= (byte) -RecordGroup.SLOTS;
        return group;
    }

    /** Where in its group the record of a key is. */
    static int slot(byte[] key) {
        return key[key.length - 1] & (RecordGroup.SLOTS - 1);
    }

    static byte[] inode(long id, int version) {
        return new RecordWriter(Integer.BYTES + Long.BYTES)
                .int32(version)
                .number(id)
                .toArray();
    }

    static long idOfKey(byte[] fileKey) {
        var key = new RecordReader(fileKey);
        long first = key.int64();
        return (first << Byte.SIZE) | (fileKey[Long.BYTES] & 0xff);
    }

    /** The file with its first piece. */
    static byte[] file(TreeFile file, Piece first) {
        var record = file(file, first.blocks(), 0).bytes(file.path());
        writePiece(first, record);
        return record.toArray();
    }

    /** A file whose only piece is that of the original; of its path so much as differs from the original's. */
    static byte[] copy(TreeFile file, long original, byte[] originalPath) {
        byte[] path = file.path();
        int same = 0;
        while (same < Math.min(path.length, originalPath.length)
                && path[path.length - 1 - same] == originalPath[originalPath.length - 1 - same]) {
            same++;
        }
        return file(file, 0, IS_COPY)
                .bytes(Arrays.copyOf(path, path.length - same))
                .number(original)
                .number(same)
                .toArray();
    }

    private static RecordWriter file(TreeFile file, int blocks, int isCopy) {
        return new RecordWriter(64 + file.path().length + blocks * Character.BYTES)
                .number(file.subvolume())
                .number(file.inode())
                .number(file.sizeBytes())
                .number(2L * file.root() + isCopy);
    }

    /** Tells the paths of files; null where one is not known any more. */
    interface Paths {
        byte @Nullable [] of(long id) throws IOException;
    }

    /**
     * The file; null where it is a copy whose original is not known any more.
     *
     * @param paths where the path of an original is to be found; null where the file's path does not matter
     */
    static @Nullable TreeFile readFile(long id, RecordReader record, @Nullable Paths paths) throws IOException {
        long subvolume = record.number();
        long inode = record.number();
        long size = record.number();
        long root = record.number();
        byte[] path = record.bytes();
        if (isCopy(root) && paths != null) {
            byte[] originalPath = paths.of(record.number());
            int same = (int) record.number();
            if (originalPath == null || originalPath.length < same) {
                return null;
            }
            path = Arrays.copyOf(path, path.length + same);
            System.arraycopy(originalPath, originalPath.length - same, path, path.length - same, same);
        }
        return new TreeFile(id, (int) (root / 2), path, subvolume, inode, size, 0, 0, 0, null);
    }

    /** The id of the file of which this one is a copy; 0 where it is none: its first piece comes next. */
    static long readOriginal(RecordReader record) {
        record.number();
        record.number();
        record.number();
        long root = record.number();
        record.bytes();
        return isCopy(root) ? record.number() : 0;
    }

    /** What a record says where it says the root, of a file that has the only piece of another one. */
    static boolean isCopy(long rootAndKind) {
        return rootAndKind % 2 == IS_COPY;
    }

    static byte[] piece(Piece piece) {
        var record = new RecordWriter(16 + piece.blocks() * Character.BYTES);
        writePiece(piece, record);
        return record.toArray();
    }

    private static void writePiece(Piece piece, RecordWriter record) {
        int runs = 0;
        for (int i = nextData(piece, 0); i < piece.blocks(); i = nextData(piece, runEnd(piece, i))) {
            runs++;
        }
        record.number(runs);
        int end = 0;
        for (int i = nextData(piece, 0); i < piece.blocks(); i = nextData(piece, end)) {
            record.number(i - end);
            end = runEnd(piece, i);
            record.number(end - i).number(piece.place(i) + PLACE_SHIFT);
        }
        for (int i = 0; i < piece.blocks(); i++) {
            if (piece.place(i) != BlockWindow.NO_DATA) {
                record.int16(piece.hint(i));
            }
        }
    }

    private static int nextData(Piece piece, int from) {
        int i = from;
        while (i < piece.blocks() && piece.place(i) == BlockWindow.NO_DATA) {
            i++;
        }
        return i;
    }

    /** A run goes on while blocks lie side by side on the disk, or all are of the same kind of unknown. */
    private static int runEnd(Piece piece, int start) {
        long place = piece.place(start);
        int i = start + 1;
        while (i < piece.blocks() && piece.place(i) == (place < 0 ? place : place + i - start)) {
            i++;
        }
        return i;
    }

    static Piece readPiece(long firstBlock, int blocks, RecordReader record) {
        var piece = Piece.known(firstBlock, blocks);
        int runs = (int) record.number();
        int end = 0;
        for (int run = 0; run < runs; run++) {
            int start = end + (int) record.number();
            end = start + (int) record.number();
            long place = record.number() - PLACE_SHIFT;
            for (int i = start; i < end; i++) {
                piece.set(i, BlockWindow.SEEN, '\0', place < 0 ? place : place + i - start);
            }
        }
        for (int i = 0; i < blocks; i++) {
            if (piece.place(i) != BlockWindow.NO_DATA) {
                piece.set(i, BlockWindow.SEEN, record.int16(), piece.place(i));
            }
        }
        return piece;
    }

    private static Key key(byte table, int length) {
        byte[] bytes = new byte[length];
        bytes[0] = table;
        return new Key(bytes, 1);
    }

    @SuppressWarnings("ArrayRecordComponent") // a step on the way to the array
    private record Key(byte[] bytes, int position) {
        Key at(long number) {
            return at32((int) (number >>> Integer.SIZE)).at32((int) number);
        }

        Key at32(int number) {
            for (int i = 0; i < Integer.BYTES; i++) {
                bytes[position + i] = (byte) (number >>> (Integer.SIZE - Byte.SIZE * (i + 1)));
            }
            return new Key(bytes, position + Integer.BYTES);
        }
    }
}
