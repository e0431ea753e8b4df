package samepage.linux.reflink;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import samepage.dedupe.BlockWindow;
import samepage.dedupe.DedupeTarget;
import samepage.dedupe.InodeSet;
import samepage.dedupe.RangePair;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.linux.syscall.HostDirectory;
import samepage.remap.RemapOutcome;
import samepage.volume.MetadataStore;

/**
 * The regular files below some directories of one file system of the kernel's. Of those that the index knows and that have not
 * changed only the status is looked at; all others are read once. The package tells a file's way through here.
 *
 * <p>For one run of the finder.
 */
public final class ReflinkTarget implements DedupeTarget, AutoCloseable {
    /** Pieces of files from the index that are kept, of at most 64 KiB each. */
    private static final int PIECES_KEPT = 64;

    private static final byte[] HOLE_NAME = "(zeros)".getBytes(StandardCharsets.US_ASCII);

    private final List<TreeRoot> roots;
    private final TreeIndex index;
    private final int blockSize;
    private final @Nullable HoleFile hole;
    private final Survey survey;
    private final Reading reading;
    private final Sharing sharing;
    private final long maxPendingBytes;
    private final boolean isDryRun;

    /** The first id that this run gives out. */
    private final long firstId;

    private final LargestRuns largest = new LargestRuns();

    /** The piece that is being scanned, and whose it is. */
    private @Nullable Piece current;

    private long currentFile = -1;

    private final Map<PieceId, Piece> known = new LinkedHashMap<>(PIECES_KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PieceId, Piece> eldest) {
            return size() > PIECES_KEPT;
        }
    };

    /** Files whose storage is another one now than the index says. */
    private final InodeSet remapped = new InodeSet();

    private record PieceId(long file, int index) {}

    private ReflinkTarget(
            List<TreeRoot> roots,
            TreeIndex index,
            @Nullable HoleFile hole,
            TreeChanges changes,
            TreeFilter filter,
            TreeProblems problems,
            ReflinkOptions options) {
        this.roots = roots;
        this.index = index;
        this.firstId = index.nextId();
        this.hole = hole;
        this.blockSize = options.blockSize();
        this.maxPendingBytes = options.maxPendingBytes();
        this.isDryRun = options.dryRun();
        this.sharing = new Sharing(roots, index, blockSize, hole);
        var rate = new ReadRate(options.bytesPerSecond());
        this.reading =
                new Reading(options.readers(), blockSize, () -> new PieceReader(roots, blockSize, hole != null, rate));
        this.survey = new Survey(roots, index, changes, filter, problems, options.maxSharedExtents(), blockSize);
    }

    /**
     * Opens directories and files, which are to be on one file system.
     *
     * @param paths of what to look through
     * @param store the index: empty, or what an earlier run left; stays open when this is closed
     * @param digest stands for whatever must be the same for an index to be of use: paths, filters
     * @param changes what to look at; where that is not all, the index must know the rest
     * @throws VfsException EOPNOTSUPP where the file system cannot share storage
     * @throws IndexDamaged where the store is to be made anew
     */
    public static ReflinkTarget open(
            List<byte[]> paths,
            MetadataStore store,
            long digest,
            TreeChanges changes,
            TreeFilter filter,
            TreeProblems problems,
            ReflinkOptions options)
            throws IOException {
        var roots = new ArrayList<TreeRoot>();
        HoleFile hole = null;
        try {
            for (byte[] path : paths) {
                roots.add(TreeRoot.open(path));
            }
            // What would be shared can be told of any file system.
            hole = options.dryRun() ? null : HoleFile.create(roots.getFirst().directory(), options.blockSize());
            var index = TreeIndex.open(new GuardedStore(store), options.blockSize(), digest);
            return new ReflinkTarget(roots, index, hole, changes, filter, problems, options);
        } catch (IOException e) {
            if (hole != null) {
                hole.close();
            }
            roots.forEach(TreeRoot::close);
            throw e;
        }
    }

    /** The store for the finder to keep its own index in. */
    public MetadataStore finderStore() {
        return index.store();
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public long fileCount() {
        return survey.filesFound() - survey.filesUnchanged();
    }

    /** How many files the walk has found so far that were known from an earlier run, and unchanged. */
    public long unchangedFileCount() {
        return survey.filesUnchanged();
    }

    /** How many files the walk has found so far. */
    public long foundFileCount() {
        return survey.filesFound();
    }

    /** The sizes of the files that the walk has found so far, together. */
    public long foundBytes() {
        return survey.bytesFound();
    }

    /** The longest of what this run has had shared, the longest first. */
    public List<Shared> largestShared() throws IOException {
        var shared = new ArrayList<Shared>();
        for (RangePair run : largest.runs()) {
            byte[] source = run.sourceFile() == BlockWindow.HOLE_FILE ? HOLE_NAME : pathOf(run.sourceFile());
            byte[] target = pathOf(run.targetFile());
            if (source != null && target != null) {
                shared.add(new Shared(source, target, run.lengthBytes()));
            }
        }
        return shared;
    }

    /** A range that two files share now. */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares them
    public record Shared(byte[] source, byte[] target, long bytes) {}

    /** How often the kernel was asked to share. */
    public long requestCount() {
        return sharing.requests();
    }

    /** The path of a file by its id; null where it is not known. */
    public byte @Nullable [] pathOf(long id) throws IOException {
        TreeFile file = index.file(id);
        return file == null ? null : roots.get(file.root()).pathOf(file.path());
    }

    @Override
    public List<? extends File> files(long fromId, int limit) throws IOException {
        List<TreeFile> batch = survey.next();
        reading.add(batch);
        return batch;
    }

    @Override
    public @Nullable File file(long id) throws IOException {
        TreeFile file = index.file(id);
        return file == null || id >= firstId || index.hasSeen(id) || isThere(file) ? file : null;
    }

    /** An earlier run knew the file, and the walk has not come by it yet: it may be gone, and no source for others. */
    private boolean isThere(TreeFile file) {
        try (var opened = roots.get(file.root()).directory().openBelow(file.path())) {
            return opened.stat().id().inode() == file.inode();
        } catch (VfsException e) {
            return false;
        }
    }

    @Override
    public void read(File file, long fromBlock, BlockWindow window) throws IOException {
        var treeFile = (TreeFile) file;
        long end = Math.min(treeFile.blockCount(blockSize), fromBlock + window.capacity());
        window.cover(fromBlock, fromBlock, fromBlock + window.capacity());
        for (int i = Piece.indexOf(fromBlock); (long) i * Piece.BLOCKS < end; i++) {
            piece(treeFile, i).put(fromBlock, end, !isRemapped(treeFile.id()), window);
        }
    }

    private boolean isRemapped(long id) {
        synchronized (remapped) {
            return id != currentFile && remapped.contains(id);
        }
    }

    @Override
    public @Nullable Origin originOf(File file, long block) {
        ExtentList extents = ((TreeFile) file).extents();
        return extents == null ? null : extents.originOf(block);
    }

    private Piece piece(TreeFile file, int index) throws IOException {
        long firstBlock = (long) index * Piece.BLOCKS;
        Piece scanned = current;
        if (scanned != null && currentFile == file.id() && scanned.firstBlock() == firstBlock) {
            return scanned;
        }
        var id = new PieceId(file.id(), index);
        Piece found = known.get(id);
        if (found != null) {
            return found;
        }
        found = takeRead(file, firstBlock);
        if (found == null) {
            found = this.index.piece(file, index);
            if (found == null) {
                throw new VfsException(Errno.ESTALE, "the file is not known any more").with("file", file.id());
            }
            known.put(id, found);
        }
        return found;
    }

    /** A piece that is scanned now: read by now, completed by what other files have of it, and added to the index. */
    private @Nullable Piece takeRead(TreeFile file, long firstBlock) throws IOException {
        if (file.id() < currentFile) {
            return null;
        }
        try {
            Piece read = reading.take(file, firstBlock);
            if (read != null) {
                current = read;
                currentFile = file.id();
                complete(file, read);
                index.add(file, read);
            }
            return read;
        } catch (VfsException e) {
            currentFile = file.id();
            index.forget(file);
            throw e;
        }
    }

    /** Takes the hints of extents that were not read from the files that had them first. */
    private void complete(TreeFile file, Piece piece) throws IOException {
        ExtentList extents = file.extents();
        if (extents == null) {
            return;
        }
        ExtentList within = extents.within(piece.firstBlock(), piece.firstBlock() + piece.blocks());
        for (int i = 0; i < within.size(); i++) {
            if (within.knownFile(i) != 0) {
                copyHints(file, piece, within, i);
            }
        }
    }

    private void copyHints(TreeFile file, Piece piece, ExtentList extents, int extent) throws IOException {
        TreeFile from = extents.knownFile(extent) == file.id() ? file : index.file(extents.knownFile(extent));
        for (long done = 0; done < extents.count(extent); done++) {
            long fromBlock = extents.knownBlock(extent) + done;
            Piece source = from == null || fromBlock >= from.blockCount(blockSize)
                    ? null
                    : Piece.indexOf(fromBlock) == Piece.indexOf(piece.firstBlock()) && from.id() == file.id()
                            ? piece
                            : piece(from, Piece.indexOf(fromBlock));
            int at = (int) (fromBlock % Piece.BLOCKS);
            if (source == null || source.place(at) == BlockWindow.NO_DATA) {
                throw new VfsException(Errno.ESTALE, "whose storage it shares is not known").with("file", file.id());
            }
            int to = (int) (extents.fileBlock(extent) + done - piece.firstBlock());
            piece.set(to, BlockWindow.SEEN, source.hint(at), extents.place(extent) + done);
        }
    }

    @Override
    public long wholeFingerprint(File file) {
        Piece piece = current;
        return piece != null && currentFile == file.id() && ((TreeFile) file).blockCount(blockSize) <= Piece.BLOCKS
                ? piece.wholeFingerprint(file.sizeBytes())
                : 0;
    }

    @Override
    public RemapOutcome share(RangePair ranges) throws IOException {
        if (isDryRun) {
            return new RemapOutcome.Same(ranges.lengthBytes(), ranges.lengthBytes(), Duration.ZERO);
        }
        synchronized (remapped) {
            remapped.add(ranges.targetFile());
        }
        RemapOutcome outcome = sharing.share(ranges);
        if (outcome instanceof RemapOutcome.Same same) {
            largest.add(ranges, same.newlySharedBytes());
        }
        return outcome;
    }

    @Override
    public void prepare(RangePair ranges) throws IOException {
        if (!isDryRun) {
            sharing.prefetch(ranges);
        }
    }

    @Override
    public boolean isFull() {
        return index.pendingBytes() > maxPendingBytes;
    }

    @Override
    public void remember(File file, long endBlock) throws IOException {
        index.remember((TreeFile) file, endBlock);
    }

    /** To be called when the finder has come to its end: what is gone from the tree goes from the index. */
    public void forgetGoneFiles() throws IOException {
        if (survey.isComplete()) {
            index.forgetUnseen();
        }
    }

    @Override
    public void sync() throws IOException {
        for (TreeRoot root : roots) {
            root.directory().syncFileSystem();
        }
    }

    /** What the whole file system has in use, whoever's it is. */
    @Override
    public long storedBytes() throws IOException {
        HostDirectory directory = roots.getFirst().directory();
        var fileSystem = directory.fileSystem();
        return fileSystem.totalBytes() - fileSystem.freeBytes();
    }

    @Override
    public void close() {
        survey.close();
        reading.close();
        if (hole != null) {
            hole.close();
        }
        roots.forEach(TreeRoot::close);
    }
}
