package samepage.pagecache;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A file's folios by block index: a radix tree of 64 slots a node, which grows upwards as larger indices come. A folio
 * stands in every slot that it covers. Reading takes no lock; a file of one folio at index 0 needs no node.
 */
final class PageTree {
    private static final int BITS = 6;
    private static final int SLOTS = 1 << BITS;

    private volatile @Nullable Object root;

    /** A node whose slots cover {@code 1 << shift} blocks each. */
    private static final class Node {
        final int shift;
        final AtomicReferenceArray<@Nullable Object> slots = new AtomicReferenceArray<>(SLOTS);

        Node(int shift) {
            this.shift = shift;
        }

        int slotOf(long index) {
            return (int) (index >>> shift) & (SLOTS - 1);
        }

        boolean covers(long index) {
            return shift + BITS >= Long.SIZE || index >>> (shift + BITS) == 0;
        }

        boolean isEmpty() {
            for (int slot = 0; slot < SLOTS; slot++) {
                if (slots.get(slot) != null) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The folio that covers {@code index}, or null. */
    @Nullable Folio get(long index) {
        Object at = root;
        if (at instanceof Node top && !top.covers(index)) {
            return null;
        }
        while (at instanceof Node node) {
            at = node.slots.getAcquire(node.slotOf(index));
        }
        return at instanceof Folio folio && folio.index() <= index && index < folio.endIndex() ? folio : null;
    }

    /** True where no folio covers a block of {@code [from, to)}; at most 512 blocks. */
    boolean isFree(long from, long to) {
        for (long index = from; index < to; index++) {
            if (get(index) != null) {
                return false;
            }
        }
        return true;
    }

    /** The folios that overlap {@code [from, to)}, in order. */
    List<Folio> folios(long from, long to) {
        var folios = new ArrayList<Folio>();
        collect(root, 0, from, to, folios);
        return folios;
    }

    private static void collect(@Nullable Object at, long base, long from, long to, List<Folio> folios) {
        if (at instanceof Folio folio) {
            boolean overlaps = folio.index() < to && folio.endIndex() > from;
            if (overlaps && (folios.isEmpty() || folios.getLast() != folio)) {
                folios.add(folio);
            }
        } else if (at instanceof Node node) {
            for (int slot = 0; slot < SLOTS; slot++) {
                long start = base + ((long) slot << node.shift);
                long end = start + (1L << node.shift);
                if (start < to && end > from) {
                    collect(node.slots.getAcquire(slot), start, from, to, folios);
                }
            }
        }
    }

    /** Adds a folio where none is. */
    synchronized void insert(Folio folio) {
        if (root == null && folio.index() == 0) {
            root = folio;
            return;
        }
        Node top;
        if (root instanceof Folio only) {
            top = grownFor(new Node(0), only.endIndex() - 1);
            set(top, only.index(), only.endIndex(), only);
        } else {
            top = root instanceof Node node ? node : new Node(0);
        }
        top = grownFor(top, folio.endIndex() - 1);
        set(top, folio.index(), folio.endIndex(), folio);
        root = top;
    }

    /** Takes a folio out that is in the tree. */
    synchronized void remove(Folio folio) {
        if (root instanceof Node top) {
            set(top, folio.index(), folio.endIndex(), null);
            if (top.isEmpty()) {
                root = null;
            }
        } else {
            root = null;
        }
    }

    private static Node grownFor(Node top, long lastIndex) {
        Node grown = top;
        while (!grown.covers(lastIndex)) {
            var above = new Node(grown.shift + BITS);
            above.slots.setRelease(0, grown.isEmpty() ? null : grown);
            grown = above;
        }
        return grown;
    }

    /** Sets the slots of {@code [from, to)}, making nodes that are missing and dropping those that become empty. */
    private static void set(Node node, long from, long to, @Nullable Folio value) {
        long span = 1L << node.shift;
        for (long at = from; at < to; ) {
            long next = Math.min(to, (at / span + 1) * span);
            int slot = node.slotOf(at);
            if (next - at == span) {
                node.slots.setRelease(slot, value);
            } else {
                Node below = node.slots.get(slot) instanceof Node child ? child : new Node(node.shift - BITS);
                set(below, at, next, value);
                node.slots.setRelease(slot, below.isEmpty() ? null : below);
            }
            at = next;
        }
    }
}
