package samepage.linux.reflink;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.InodeSet;
import samepage.volume.MetadataStore;

/**
 * What earlier runs, and this one so far, know of the tree's files: by id, and by inode. What this run adds is in memory until
 * it is remembered, all at once.
 */
final class TreeIndex {
    private static final int FORMAT = 3;
    private static final int PURGED_AT_ONCE = 4096;

    /** Longer records have a key of their own: who wants a neighbour's does not read them. */
    private static final int LONGEST_IN_GROUP = 256;

    /** How many groups of inodes are kept that were asked for last, a power of two. */
    private static final int INODE_GROUPS_KEPT = 64;

    /** Of how many contents the original is known, a power of two; 16 bytes each. */
    private static final int ORIGINALS = 1 << 17;

    /** What an entry of a map costs beside its bytes. */
    private static final int ENTRY_BYTES = 88;

    private final MetadataStore store;
    private final int blockSize;
    private final long rootsDigest;

    @GuardedBy("this") private final TreeMap<byte[], byte[]> pending = new TreeMap<>(Arrays::compareUnsigned);

    @GuardedBy("this") private final InodeSet seen = new InodeSet();

    /** By the hash of their keys; empty ones, too. What was written since makes a hint stale, no more. */
    private final AtomicReferenceArray<InodeGroup> inodeGroups = new AtomicReferenceArray<>(INODE_GROUPS_KEPT);

    @GuardedBy("this") private State state;

    @GuardedBy("this") private long abandoned;

    @GuardedBy("this") private long pendingBytes;

    /** The originals of copies, by content: the file of that content that was added last but is no copy. */
    @GuardedBy("this") private final long[] originals = new long[2 * ORIGINALS];

    private record State(long nextId, long inProgress, long progressBlock, long progressVersion) {}

    @SuppressWarnings("ArrayRecordComponent") // compared one by one
    private record InodeGroup(byte[] key, byte @Nullable [] value) {}

    private TreeIndex(MetadataStore store, int blockSize, long rootsDigest, State state) {
        this.store = store;
        this.blockSize = blockSize;
        this.rootsDigest = rootsDigest;
        this.state = state;
    }

    /**
     * The index in a store; an empty store is a new index.
     *
     * @param rootsDigest stands for the roots and what else must be the same from run to run
     * @throws IndexDamaged where it cannot be read, is of another format, or of other roots or blocks
     */
    static TreeIndex open(MetadataStore store, int blockSize, long rootsDigest) throws IOException {
        byte[] value = store.get(IndexRecords.STATE_KEY);
        if (value == null) {
            return new TreeIndex(store, blockSize, rootsDigest, new State(1, 0, 0, 0));
        }
        try {
            var record = new RecordReader(value);
            if (record.number() != FORMAT || record.number() != blockSize || record.int64() != rootsDigest) {
                throw new IndexDamaged(new IOException("of another format, other roots or another block size"));
            }
            var state = new State(record.number(), record.number(), record.number(), version(record));
            return new TreeIndex(store, blockSize, rootsDigest, state);
        } catch (IndexOutOfBoundsException e) {
            throw new IndexDamaged(e);
        }
    }

    MetadataStore store() {
        return store;
    }

    /** The next id that has not been given out. */
    synchronized long nextId() {
        return state.nextId;
    }

    /** The file that the last run left in its midst, to go on with; null where there is none. */
    @Nullable TreeFile inProgress() throws IOException {
        State now;
        synchronized (this) {
            now = state;
        }
        TreeFile file = now.inProgress == 0 ? null : file(now.inProgress);
        if (file == null) {
            abandonInProgress();
            return null;
        }
        return file.startingAt(now.progressBlock, now.progressVersion);
    }

    /** The file that was in progress is another one now: it is to be read anew. */
    synchronized void abandonInProgress() {
        abandoned = state.inProgress;
    }

    /** What there is to do about a file that the walk has found: the file to read, or null where it is known and unchanged. */
    @Nullable TreeFile toRead(TreeFile found) throws IOException {
        byte[] key = IndexRecords.inodeKey(found.subvolume(), found.inode());
        byte[] group = inodeGroup(IndexRecords.groupKey(key));
        byte[] value = group == null ? null : RecordGroup.inode(group, IndexRecords.slot(key));
        if (value == null) {
            return found;
        }
        var record = new RecordReader(value);
        long version = version(record);
        long id = record.number();
        synchronized (this) {
            if (version == found.version() && id < state.nextId && id != abandoned) {
                seen.add(id);
                return null;
            }
        }
        return found.replacing(id);
    }

    private static long version(RecordReader record) {
        return Integer.toUnsignedLong(record.int32());
    }

    private byte @Nullable [] inodeGroup(byte[] key) throws IOException {
        int slot = Arrays.hashCode(key) & (INODE_GROUPS_KEPT - 1);
        InodeGroup kept = inodeGroups.get(slot);
        if (kept == null || !Arrays.equals(kept.key, key)) {
            kept = new InodeGroup(key, store.get(key));
            inodeGroups.set(slot, kept);
        }
        return kept.value;
    }

    /** The file of that id, or null. */
    @Nullable TreeFile file(long id) throws IOException {
        byte[] value = get(IndexRecords.fileKey(id));
        return value == null ? null : IndexRecords.readFile(id, new RecordReader(value), this::pathOf);
    }

    private byte @Nullable [] pathOf(long id) throws IOException {
        TreeFile file = file(id);
        return file == null ? null : file.path();
    }

    /** A piece of a file that has been read, by this run or before; null where that is gone. */
    @Nullable Piece piece(TreeFile file, int index) throws IOException {
        byte[] value = get(index == 0 ? IndexRecords.fileKey(file.id()) : IndexRecords.pieceKey(file.id(), index));
        if (value == null) {
            return null;
        }
        var record = new RecordReader(value);
        long original = index == 0 ? IndexRecords.readOriginal(record) : 0;
        long firstBlock = (long) index * Piece.BLOCKS;
        int blocks = Piece.blocksFrom(firstBlock, file.blockCount(blockSize));
        return original == 0
                ? IndexRecords.readPiece(firstBlock, blocks, record)
                : pieceOfOriginal(original, file, blocks);
    }

    /** Where the original is gone, nobody knows any more what the copy holds: no block of it is found to match another. */
    private Piece pieceOfOriginal(long original, TreeFile copy, int blocks) throws IOException {
        TreeFile file = file(original);
        Piece piece = file == null || file.sizeBytes() != copy.sizeBytes() ? null : piece(file, 0);
        return piece == null ? Piece.known(0, blocks) : piece;
    }

    /** Adds what was read of a file. */
    synchronized void add(TreeFile file, Piece piece) throws IOException {
        int index = Piece.indexOf(piece.firstBlock());
        if (index == 0) {
            long original = original(file, piece);
            byte[] originalPath = original == file.id() ? null : pathOf(original);
            put(
                    IndexRecords.fileKey(file.id()),
                    originalPath == null
                            ? IndexRecords.file(file, piece)
                            : IndexRecords.copy(file, original, originalPath));
            put(IndexRecords.inodeKey(file.subvolume(), file.inode()), IndexRecords.inode(file.id(), (int)
                    file.version()));
            forgetOld(file);
            seen.add(file.id());
        } else {
            put(IndexRecords.pieceKey(file.id(), index), IndexRecords.piece(piece));
        }
    }

    /** The file that is known to have the same content, as far as fingerprints tell; else this one. */
    @GuardedBy("this") private long original(TreeFile file, Piece piece) {
        long content = file.blockCount(blockSize) > Piece.BLOCKS ? 0 : piece.wholeFingerprint(file.sizeBytes());
        int at = 2 * (int) (content & (ORIGINALS - 1));
        if (content == 0) {
            return file.id();
        }
        if (originals[at] != content) {
            originals[at] = content;
            originals[at + 1] = file.id();
        }
        return originals[at + 1];
    }

    private static long idOf(byte[] inodeValue) {
        var record = new RecordReader(inodeValue);
        record.int32();
        return record.number();
    }

    @GuardedBy("this") private void put(byte[] key, byte[] value) {
        pending.put(key, value);
        pendingBytes += key.length + value.length + ENTRY_BYTES;
    }

    /** About how much memory takes what was added and is not written yet. */
    synchronized long pendingBytes() {
        return pendingBytes;
    }

    /** A file could not be read to its end, or was another one meanwhile: the next run is to read it. */
    synchronized void forget(TreeFile file) {
        pending.put(IndexRecords.fileKey(file.id()), MetadataStore.DELETED);
        pending.put(IndexRecords.inodeKey(file.subvolume(), file.inode()), MetadataStore.DELETED);
        forgetOld(file);
    }

    @GuardedBy("this") private void forgetOld(TreeFile file) {
        if (file.replaces() != 0) {
            pending.put(IndexRecords.fileKey(file.replaces()), MetadataStore.DELETED);
        }
    }

    /** Writes all that was added: files up to {@code file}, and of that the blocks before {@code endBlock}. */
    synchronized void remember(TreeFile file, long endBlock) throws IOException {
        boolean isWhole = endBlock >= file.blockCount(blockSize);
        long nextId = Math.max(state.nextId, file.id() + 1);
        state = isWhole ? new State(nextId, 0, 0, 0) : new State(nextId, file.id(), endBlock, file.version());
        apply();
    }

    @GuardedBy("this") private void apply() throws IOException {
        pending.put(
                IndexRecords.STATE_KEY,
                new RecordWriter(32)
                        .number(FORMAT)
                        .number(blockSize)
                        .int64(rootsDigest)
                        .number(state.nextId)
                        .number(state.inProgress)
                        .number(state.progressBlock)
                        .int32((int) state.progressVersion)
                        .toArray());
        store.apply(grouped());
        pending.clear();
        pendingBytes = 0;
    }

    /** Whether this run has come by the file. */
    synchronized boolean hasSeen(long id) {
        return seen.contains(id);
    }

    /** What is pending as it is stored: the short records in their groups. */
    @GuardedBy("this") private SortedMap<byte[], byte[]> grouped() throws IOException {
        var batch = new TreeMap<byte[], byte[]>(Arrays::compareUnsigned);
        byte[] groupKey = null;
        SortedMap<Integer, byte[]> group = new TreeMap<>();
        for (Map.Entry<byte[], byte[]> entry : pending.entrySet()) {
            byte[] key = entry.getKey();
            byte[] value = entry.getValue();
            if (!isGrouped(key)) {
                batch.put(key, value);
                continue;
            }
            byte[] ownGroup = IndexRecords.groupKey(key);
            if (!Arrays.equals(groupKey, ownGroup)) {
                putGroup(groupKey, group, batch);
                groupKey = ownGroup;
                group = storedGroup(ownGroup);
            }
            boolean isShort = !MetadataStore.isDeletion(value) && value.length <= LONGEST_IN_GROUP;
            if (isShort) {
                group.put(IndexRecords.slot(key), value);
            } else {
                group.remove(IndexRecords.slot(key));
                if (key[0] == IndexRecords.FILES) {
                    batch.put(key, value);
                }
            }
        }
        putGroup(groupKey, group, batch);
        return batch;
    }

    private static boolean isGrouped(byte[] key) {
        return key[0] == IndexRecords.FILES || key[0] == IndexRecords.INODES;
    }

    private SortedMap<Integer, byte[]> storedGroup(byte[] key) throws IOException {
        byte[] stored = store.get(key);
        if (stored == null) {
            return new TreeMap<>();
        }
        return key[0] == IndexRecords.FILE_GROUPS ? RecordGroup.files(stored) : RecordGroup.inodes(stored);
    }

    private static void putGroup(
            byte @Nullable [] key, SortedMap<Integer, byte[]> group, SortedMap<byte[], byte[]> batch) {
        if (key != null) {
            batch.put(
                    key,
                    group.isEmpty()
                            ? MetadataStore.DELETED
                            : key[0] == IndexRecords.FILE_GROUPS
                                    ? RecordGroup.ofFiles(group)
                                    : RecordGroup.ofInodes(group));
        }
    }

    /**
     * Forgets the files that a walk over the whole tree has not come by, and the copies of such: what those hold nobody knows
     * any more, so that the next run is to read them.
     */
    synchronized void forgetUnseen() throws IOException {
        try (var groups = scan(IndexRecords.FILE_GROUPS)) {
            while (groups.next()) {
                long first = IndexRecords.idOfKey(groups.key());
                for (Map.Entry<Integer, byte[]> file :
                        RecordGroup.files(groups.value()).entrySet()) {
                    forgetWhereUnseen(first + file.getKey(), file.getValue());
                }
            }
        }
        try (var files = scan(IndexRecords.FILES)) {
            while (files.next()) {
                forgetWhereUnseen(IndexRecords.idOfKey(files.key()), files.value());
            }
        }
        apply();
    }

    private MetadataStore.Cursor scan(byte table) throws IOException {
        return store.scan(new byte[] {table}, new byte[] {(byte) (table + 1)});
    }

    @GuardedBy("this") private void forgetWhereUnseen(long id, byte[] record) throws IOException {
        if (seen.contains(id) && !isOrphan(record)) {
            return;
        }
        TreeFile gone = IndexRecords.readFile(id, new RecordReader(record), null);
        if (gone != null) {
            forgetGone(gone);
        }
        if (pending.size() > PURGED_AT_ONCE) {
            apply();
        }
    }

    @GuardedBy("this") private boolean isOrphan(byte[] record) {
        long original = IndexRecords.readOriginal(new RecordReader(record));
        return original != 0 && !seen.contains(original);
    }

    @GuardedBy("this") private void forgetGone(TreeFile gone) throws IOException {
        pending.put(IndexRecords.fileKey(gone.id()), MetadataStore.DELETED);
        byte[] inodeKey = IndexRecords.inodeKey(gone.subvolume(), gone.inode());
        byte[] current = get(inodeKey);
        if (current != null && idOf(current) == gone.id()) {
            pending.put(inodeKey, MetadataStore.DELETED);
        }
        int pieces = Piece.indexOf(Math.max(0, gone.blockCount(blockSize) - 1));
        for (int piece = 1; piece <= pieces; piece++) {
            pending.put(IndexRecords.pieceKey(gone.id(), piece), MetadataStore.DELETED);
        }
    }

    private byte @Nullable [] get(byte[] key) throws IOException {
        byte[] added;
        synchronized (this) {
            added = pending.get(key);
        }
        if (added == null) {
            return stored(key);
        }
        return MetadataStore.isDeletion(added) ? null : added;
    }

    private byte @Nullable [] stored(byte[] key) throws IOException {
        if (isGrouped(key)) {
            byte[] group = store.get(IndexRecords.groupKey(key));
            int slot = IndexRecords.slot(key);
            byte[] found = group == null
                    ? null
                    : key[0] == IndexRecords.FILES ? RecordGroup.file(group, slot) : RecordGroup.inode(group, slot);
            if (found != null) {
                return found;
            }
        }
        return store.get(key);
    }
}
