package samepage.dedupe;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import samepage.remap.RemapOptions;
import samepage.remap.RemapOutcome;
import samepage.vfs.Caller;
import samepage.vfs.Vfs;
import samepage.volume.DirectoryEntry;
import samepage.volume.Extent;
import samepage.volume.ExtentMap;
import samepage.volume.FileType;
import samepage.volume.InodeRecord;
import samepage.volume.Volume;

/**
 * The regular files of a volume, or of parts of its tree. A file's id is its inode number, in the first pass at least,
 * a block's fingerprint its checksum: finding reads metadata, not data.
 */
public final class VolumeDedupeTarget implements DedupeTarget {
    private static final int ENTRIES_AT_ONCE = 1024;
    private static final int STRIPES = 64;

    private final Vfs vfs;
    private final Volume volume;
    private final Caller caller;
    private final @Nullable InodeSet within;
    private final VolumePasses passes;
    private final ChecksumCache checksums;

    /** Held while a file's extents are changed by {@link #share}: a look at them in the middle would miss some. */
    private final Lock[] changing =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(Lock[]::new);

    private VolumeDedupeTarget(Vfs vfs, Caller caller, @Nullable InodeSet within, VolumePasses passes) {
        this.passes = passes;
        this.vfs = vfs;
        this.volume = vfs.volume();
        this.caller = caller;
        this.within = within;
        this.checksums = new ChecksumCache(volume);
    }

    /** All files of a volume. What the caller may not have shared is left out when it comes to it. */
    public static VolumeDedupeTarget of(Vfs vfs, Caller caller) {
        return new VolumePasses(vfs, caller).all();
    }

    /**
     * The files among {@code roots} and those below them, as the tree is now. Only they change, and only with each other do
     * they come to share: a file elsewhere is neither target nor source.
     *
     * @param roots inode numbers of directories and files
     */
    public static VolumeDedupeTarget within(Vfs vfs, Caller caller, Collection<Long> roots) throws IOException {
        return new VolumePasses(vfs, caller).all(filesBelow(vfs.volume(), roots));
    }

    /** One of several passes. {@code within} are the files to look at, null for all. */
    static VolumeDedupeTarget pass(Vfs vfs, Caller caller, @Nullable InodeSet within, VolumePasses passes) {
        return new VolumeDedupeTarget(vfs, caller, within, passes);
    }

    private static InodeSet filesBelow(Volume volume, Collection<Long> roots) throws IOException {
        var files = new InodeSet();
        var directories = new InodeSet();
        var toVisit = new ArrayDeque<Long>();
        for (long root : roots) {
            InodeRecord inode = volume.metadata().inode(root);
            if (inode != null && inode.isRegular()) {
                files.add(root);
            } else if (inode != null && inode.isDirectory() && directories.add(root)) {
                toVisit.add(root);
            }
        }
        while (!toVisit.isEmpty()) {
            long directory = toVisit.removeLast();
            long cookie = 0;
            List<DirectoryEntry> entries = volume.metadata().entries(directory, cookie, ENTRIES_AT_ONCE);
            while (!entries.isEmpty()) {
                for (DirectoryEntry entry : entries) {
                    if (entry.type() == FileType.REGULAR) {
                        files.add(entry.ino());
                    } else if (entry.type() == FileType.DIRECTORY && directories.add(entry.ino())) {
                        toVisit.add(entry.ino());
                    }
                }
                cookie = entries.getLast().cookie();
                entries = volume.metadata().entries(directory, cookie, ENTRIES_AT_ONCE);
            }
        }
        return files;
    }

    private record VolumeFile(InodeRecord inode, long id) implements File {

        @Override
        public long sizeBytes() {
            return inode.sizeBytes();
        }
    }

    @Override
    public int blockSize() {
        return volume.blockSize();
    }

    /** For a whole volume all inodes are counted. */
    @Override
    public long fileCount() {
        return within == null ? volume.usage().inodeCount() : within.size();
    }

    @Override
    public List<? extends File> files(long fromId, int limit) throws IOException {
        long fromIno = passes.nextIno(fromId);
        return within == null ? allFiles(fromIno, limit) : filesOf(within, fromIno, limit);
    }

    private List<VolumeFile> allFiles(long fromIno, int limit) throws IOException {
        var files = new ArrayList<VolumeFile>();
        List<InodeRecord> inodes = volume.metadata().inodes(fromIno, limit);
        while (!inodes.isEmpty()) {
            for (InodeRecord inode : inodes) {
                if (isEligible(inode)) {
                    files.add(new VolumeFile(inode, passes.id(inode.ino())));
                }
            }
            if (!files.isEmpty()) {
                break;
            }
            inodes = volume.metadata().inodes(inodes.getLast().ino() + 1, limit);
        }
        return files;
    }

    private List<VolumeFile> filesOf(InodeSet set, long fromIno, int limit) throws IOException {
        var files = new ArrayList<VolumeFile>();
        for (long ino = set.next(fromIno); ino >= 0 && files.size() < limit; ino = set.next(ino + 1)) {
            VolumeFile file = volumeFile(ino);
            if (file != null) {
                files.add(file);
            }
        }
        return files;
    }

    /** Files that nobody can open any more, and swap files, share nothing. */
    private static boolean isEligible(InodeRecord inode) {
        return inode.isRegular() && inode.linkCount() > 0 && !inode.has(InodeRecord.FLAG_SWAP);
    }

    @Override
    public @Nullable File file(long id) throws IOException {
        long ino = passes.ino(id);
        return ino < 0 ? null : volumeFile(ino);
    }

    private @Nullable VolumeFile volumeFile(long ino) throws IOException {
        InodeRecord inode = volume.metadata().inode(ino);
        return inode != null && isEligible(inode) ? new VolumeFile(inode, passes.id(ino)) : null;
    }

    @Override
    public void read(File file, long fromBlock, BlockWindow window) throws IOException {
        Lock unchanging = changing(((VolumeFile) file).inode.ino());
        unchanging.lock();
        try {
            readUnchanging(file, fromBlock, window);
        } finally {
            unchanging.unlock();
        }
    }

    private Lock changing(long ino) {
        return changing[(int) (ino % STRIPES)];
    }

    private void readUnchanging(File file, long fromBlock, BlockWindow window) throws IOException {
        ExtentMap extents = volume.extents(((VolumeFile) file).inode);
        long base = fromBlock;
        List<Extent> found = extents.lookup(base, base + window.capacity());
        if (found.isEmpty()) {
            Extent next = extents.next(base);
            if (next == null) {
                window.cover(fromBlock, base, Long.MAX_VALUE);
                return;
            }
            base = next.fileBlock();
            found = extents.lookup(base, base + window.capacity());
        }
        window.cover(fromBlock, base, base + window.capacity());
        for (Extent extent : found) {
            if (extent.written()) {
                checksums.put(extent.physicalBlock(), extent.blockCount(), extent.fileBlock(), window);
            }
        }
    }

    @Override
    public RemapOutcome share(RangePair ranges) throws IOException {
        long target = VolumePasses.inoOfAnyPass(ranges.targetFile());
        Lock changingTarget = changing(target);
        changingTarget.lock();
        try {
            return vfs.dedupe(
                    caller,
                    VolumePasses.inoOfAnyPass(ranges.sourceFile()),
                    ranges.sourceOffset(),
                    target,
                    ranges.targetOffset(),
                    ranges.lengthBytes(),
                    RemapOptions.DEFAULT);
        } finally {
            changingTarget.unlock();
        }
    }

    @Override
    public void sync() throws IOException {
        checksums.forget();
        vfs.sync();
    }

    @Override
    public long storedBytes() {
        return volume.usage().storedBlocks() * volume.blockSize();
    }
}
