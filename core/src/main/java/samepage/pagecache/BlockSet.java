package samepage.pagecache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A set of a folio's blocks, by position in the folio. Changed under the folio's lock; may be read without it, and what is
 * then seen in the set was put there after everything that happened before.
 */
final class BlockSet {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] words;
    private final int size;

    BlockSet(int size) {
        this.size = size;
        this.words = new long[(size + Long.SIZE - 1) / Long.SIZE];
    }

    boolean contains(int block) {
        return ((long) WORD.getAcquire(words, block / Long.SIZE) & (1L << block)) != 0;
    }

    void add(int from, int to) {
        for (int block = from; block < to; ) {
            int end = Math.min(to, (block / Long.SIZE + 1) * Long.SIZE);
            int word = block / Long.SIZE;
            WORD.setRelease(words, word, words[word] | mask(block, end));
            block = end;
        }
    }

    void remove(int from, int to) {
        for (int block = from; block < to; ) {
            int end = Math.min(to, (block / Long.SIZE + 1) * Long.SIZE);
            int word = block / Long.SIZE;
            WORD.setRelease(words, word, words[word] & ~mask(block, end));
            block = end;
        }
    }

    /** Members in {@code [from, to)}. */
    int count(int from, int to) {
        int count = 0;
        for (int block = from; block < to; ) {
            int end = Math.min(to, (block / Long.SIZE + 1) * Long.SIZE);
            count += Long.bitCount((long) WORD.getAcquire(words, block / Long.SIZE) & mask(block, end));
            block = end;
        }
        return count;
    }

    /** The first member at or after {@code from}, or the size of the folio. */
    int next(int from) {
        return nextWhere(from, 0);
    }

    /** The first block at or after {@code from} that is no member, or the size of the folio. */
    int nextAbsent(int from) {
        return nextWhere(from, -1L);
    }

    private int nextWhere(int from, long flip) {
        for (int block = from; block < size; block = (block / Long.SIZE + 1) * Long.SIZE) {
            long rest = ((long) WORD.getAcquire(words, block / Long.SIZE) ^ flip) & (-1L << block);
            if (rest != 0) {
                return Math.min(size, (block / Long.SIZE) * Long.SIZE + Long.numberOfTrailingZeros(rest));
            }
        }
        return size;
    }

    boolean isEmpty() {
        return next(0) == size;
    }

    private static long mask(int from, int to) {
        int length = to - from;
        return (length == Long.SIZE ? -1L : (1L << length) - 1) << from;
    }
}
