package samepage.volume;

import java.util.Arrays;

/** What an audit remembers of each inode, 30 bytes: added in ascending order, then found by number. */
final class InodeTally {
    private static final int TYPE_SHIFT = 12;
    private static final byte ORPHAN = 1;
    private static final byte ON_THE_WAY = 2;
    private static final byte REACHES_ROOT = 4;
    private static final byte LOST = 8;

    private long[] inos;
    private long[] parents;
    private int[] links;
    private int[] names;
    private int[] subdirectories;
    private byte[] types;
    private byte[] flags;
    private int count;

    InodeTally(long expectedInodes) {
        int capacity = (int) Math.max(16, Math.min(expectedInodes + 16, 1 << 24));
        inos = new long[capacity];
        parents = new long[capacity];
        links = new int[capacity];
        names = new int[capacity];
        subdirectories = new int[capacity];
        types = new byte[capacity];
        flags = new byte[capacity];
    }

    void add(InodeRecord inode, boolean orphan) {
        if (count == inos.length) {
            grow();
        }
        inos[count] = inode.ino();
        parents[count] = inode.parent();
        links[count] = inode.linkCount();
        types[count] = (byte) (inode.type().modeBits() >>> TYPE_SHIFT);
        flags[count] = orphan ? ORPHAN : 0;
        count++;
    }

    private void grow() {
        int capacity = count + count / 2;
        inos = Arrays.copyOf(inos, capacity);
        parents = Arrays.copyOf(parents, capacity);
        links = Arrays.copyOf(links, capacity);
        names = Arrays.copyOf(names, capacity);
        subdirectories = Arrays.copyOf(subdirectories, capacity);
        types = Arrays.copyOf(types, capacity);
        flags = Arrays.copyOf(flags, capacity);
    }

    int count() {
        return count;
    }

    /** The place of an inode, negative where there is none of that number. */
    int find(long ino) {
        return Arrays.binarySearch(inos, 0, count, ino);
    }

    long ino(int at) {
        return inos[at];
    }

    long parent(int at) {
        return parents[at];
    }

    int links(int at) {
        return links[at];
    }

    int names(int at) {
        return names[at];
    }

    int subdirectories(int at) {
        return subdirectories[at];
    }

    FileType type(int at) {
        return FileType.ofMode(types[at] << TYPE_SHIFT);
    }

    boolean isDirectory(int at) {
        return type(at) == FileType.DIRECTORY;
    }

    boolean isOrphan(int at) {
        return (flags[at] & ORPHAN) != 0;
    }

    void nameFound(int at) {
        names[at]++;
    }

    void subdirectoryFound(int at) {
        subdirectories[at]++;
    }

    /**
     * Whether parents lead from a directory to the root. Each directory is walked over once, whatever is asked.
     */
    boolean reachesRoot(int directory) {
        int at = directory;
        while (at >= 0 && (flags[at] & (ON_THE_WAY | REACHES_ROOT | LOST)) == 0 && inos[at] != Volume.ROOT) {
            flags[at] |= ON_THE_WAY;
            at = isDirectory(at) ? find(parents[at]) : -1;
        }
        boolean reaches = at >= 0 && (inos[at] == Volume.ROOT || (flags[at] & REACHES_ROOT) != 0);
        for (int back = directory;
                back >= 0 && (flags[back] & ON_THE_WAY) != 0;
                back = isDirectory(back) ? find(parents[back]) : -1) {
            flags[back] &= (byte) ~ON_THE_WAY;
            flags[back] |= reaches ? REACHES_ROOT : LOST;
        }
        return reaches;
    }
}
