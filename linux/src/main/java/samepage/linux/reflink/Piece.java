package samepage.linux.reflink;

import java.util.Arrays;
import samepage.dedupe.BlockWindow;

/** Fingerprints and places of up to {@link #BLOCKS} neighbouring blocks of a file, at a multiple of that. */
final class Piece {
    /** 64 MiB of blocks of 4 KiB. */
    static final int BLOCKS = 1 << 14;

    private final long firstBlock;

    /** Absent where the piece comes from the index: only blocks that are scanned have to be found by it. */
    private final long[] highs;

    /** Of each fingerprint so much as tells, of neighbours of blocks that are the same, whether they are, too. */
    private final char[] hints;

    private final long[] places;

    private Piece(long firstBlock, long[] highs, char[] hints, long[] places) {
        this.firstBlock = firstBlock;
        this.highs = highs;
        this.hints = hints;
        this.places = places;
    }

    /** A piece of which nothing is known yet: no block has data. */
    static Piece toRead(long firstBlock, int blocks) {
        return new Piece(firstBlock, new long[blocks], new char[blocks], noData(blocks));
    }

    /** A piece whose blocks are known and are not scanned again. */
    static Piece known(long firstBlock, int blocks) {
        return new Piece(firstBlock, new long[0], new char[blocks], noData(blocks));
    }

    private static long[] noData(int blocks) {
        long[] places = new long[blocks];
        Arrays.fill(places, BlockWindow.NO_DATA);
        return places;
    }

    static int indexOf(long block) {
        return (int) (block / BLOCKS);
    }

    /** How many blocks the piece has that begins there. */
    static int blocksFrom(long firstBlock, long blockCount) {
        return (int) Math.min(BLOCKS, blockCount - firstBlock);
    }

    long firstBlock() {
        return firstBlock;
    }

    int blocks() {
        return hints.length;
    }

    long place(int index) {
        return places[index];
    }

    char hint(int index) {
        return hints[index];
    }

    void set(int index, long high, char hint, long place) {
        if (index < highs.length) {
            highs[index] = high;
        }
        hints[index] = hint;
        places[index] = place;
    }

    /**
     * Puts blocks of the piece into a window.
     *
     * @param arePlacesGood whether the blocks are still where they were when they were read
     */
    void put(long from, long to, boolean arePlacesGood, BlockWindow window) {
        long end = Math.min(to, firstBlock + hints.length);
        for (long block = Math.max(from, firstBlock); block < end; block++) {
            int i = (int) (block - firstBlock);
            if (places[i] != BlockWindow.NO_DATA) {
                long high = i < highs.length ? highs[i] : BlockWindow.SEEN;
                window.put(block, high, hints[i], placeAt(i, arePlacesGood));
            }
        }
    }

    private long placeAt(int index, boolean isGood) {
        return isGood || places[index] < 0 ? places[index] : BlockWindow.UNKNOWN_PLACE;
    }

    /** A fingerprint of all of it, with the file's size; 0 where a block's own is not known. */
    long wholeFingerprint(long sizeBytes) {
        long hash = sizeBytes * 0x9E3779B97F4A7C15L;
        for (int i = 0; i < highs.length; i++) {
            if (places[i] != BlockWindow.NO_DATA) {
                if (highs[i] == BlockWindow.SEEN) {
                    return 0;
                }
                hash = (Long.rotateLeft(hash, 23) ^ highs[i] ^ hints[i]) * 0x9E3779B97F4A7C15L + i;
            }
        }
        return highs.length == 0 ? 0 : hash;
    }
}
