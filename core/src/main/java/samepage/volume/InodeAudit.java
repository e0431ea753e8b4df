package samepage.volume;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Walks all tables that are sorted by inode side by side, and holds each inode against what belongs to it. */
final class InodeAudit implements AutoCloseable {
    private final AuditProblems problems;
    private final int blockSize;
    private final TableWalk inodes;
    private final TableWalk orphans;
    private final TableWalk extents;
    private final TableWalk symlinks;
    private final TableWalk xattrs;
    private final InodeTally tally;
    private final RunTally mapped = new RunTally();
    private long extentCount;
    private long mappedBlocks;

    InodeAudit(CommittedRecords records, int blockSize, long expectedInodes, AuditProblems problems)
            throws IOException {
        this.problems = problems;
        this.blockSize = blockSize;
        this.inodes = records.walk(RecordKey.INODE);
        this.orphans = records.walk(RecordKey.ORPHAN);
        this.extents = records.walk(RecordKey.EXTENT);
        this.symlinks = records.walk(RecordKey.SYMLINK);
        this.xattrs = records.walk(RecordKey.XATTR);
        this.tally = new InodeTally(expectedInodes);
    }

    void run() throws IOException {
        for (; !inodes.isAtEnd(); inodes.advance()) {
            long ino = inodes.first();
            passMissing(ino);
            InodeRecord inode = decode(ino);
            if (inode != null) {
                check(inode);
            }
        }
        passMissing(Long.MAX_VALUE);
    }

    InodeTally tally() {
        return tally;
    }

    /** Every run that an extent maps. */
    RunTally mapped() {
        return mapped;
    }

    long extentCount() {
        return extentCount;
    }

    long mappedBlocks() {
        return mappedBlocks;
    }

    private @Nullable InodeRecord decode(long ino) {
        try {
            InodeRecord inode = InodeFormat.decode(ino, inodes.value());
            var _ = inode.type();
            if (ino < Volume.ROOT || inodes.value().length != InodeFormat.LENGTH) {
                throw new IllegalArgumentException("length or number");
            }
            return inode;
        } catch (RuntimeException e) {
            problems.add("inode=" + ino + ": its record is damaged");
            return null;
        }
    }

    private void check(InodeRecord inode) throws IOException {
        long ino = inode.ino();
        boolean orphan = passOrphan(inode);
        tally.add(inode, orphan);
        if (inode.sizeBytes() < 0) {
            problems.add("inode=" + ino + ": size is " + inode.sizeBytes());
        }
        long mappedByExtents = checkExtents(inode, orphan);
        if (mappedByExtents != inode.mappedBlocks()) {
            problems.add("inode=" + ino + ": mapped blocks are " + inode.mappedBlocks() + ", its extents map "
                    + mappedByExtents);
        }
        checkSymlink(inode);
        if (passXattrs(ino) && !inode.has(InodeRecord.FLAG_HAS_XATTRS)) {
            problems.add("inode=" + ino + ": has extended attributes, its flags say it has none");
        }
    }

    private boolean passOrphan(InodeRecord inode) throws IOException {
        if (orphans.first() != inode.ino()) {
            return false;
        }
        orphans.advance();
        if (inode.linkCount() > 0 && !inode.isRegular()) {
            problems.add("inode=" + inode.ino() + ": an orphan that has links=" + inode.linkCount()
                    + " and is no regular file to be truncated");
        }
        return true;
    }

    private long checkExtents(InodeRecord inode, boolean orphan) throws IOException {
        long ino = inode.ino();
        if (extents.first() == ino && !inode.isRegular()) {
            problems.add("inode=" + ino + ": has extents, but is a " + inode.type());
        }
        long blocksOfSize = inode.sizeBytes() / blockSize + (inode.sizeBytes() % blockSize == 0 ? 0 : 1);
        long sum = 0;
        long previousEnd = 0;
        for (; extents.first() == ino; extents.advance()) {
            Extent extent = takeExtent(ino);
            if (extent == null) {
                continue;
            }
            sum += extent.blockCount();
            if (extent.fileBlock() < previousEnd) {
                problems.add(name(ino, extent) + ": overlaps the one before, which ends at block " + previousEnd);
            }
            previousEnd = Math.max(previousEnd, extent.endBlock());
            boolean preallocated = inode.has(InodeRecord.FLAG_PREALLOCATED);
            if (!extent.written() && !preallocated) {
                problems.add(name(ino, extent) + ": is not written, the inode's flags say all are");
            }
            if (extent.endBlock() > blocksOfSize && !orphan && (extent.written() || !preallocated)) {
                problems.add(name(ino, extent) + ": ends at block " + extent.endBlock() + ", the file at block "
                        + blocksOfSize);
            }
        }
        return sum;
    }

    /** The extent that the walk stands on, counted; null where it makes no sense. */
    private @Nullable Extent takeExtent(long ino) {
        extentCount++;
        Extent extent;
        try {
            extent = ExtentFormat.decode(extents.key(), extents.value());
        } catch (RuntimeException e) {
            problems.add("inode=" + ino + ": an extent's record is damaged");
            return null;
        }
        boolean sane = extent.fileBlock() >= 0
                && extent.blockCount() > 0
                && extent.endBlock() > 0
                && extent.physicalBlock() > 0
                && extent.physicalEnd() > 0
                && extent.physicalEnd() <= RunTally.END_OF_DEVICES;
        if (!sane) {
            problems.add(name(ino, extent) + ": cannot be: " + extent);
            return null;
        }
        mapped.add(new PhysicalRun(extent.physicalBlock(), extent.blockCount()));
        mappedBlocks += extent.blockCount();
        return extent;
    }

    private static String name(long ino, Extent extent) {
        return "inode=" + ino + " extent at block " + extent.fileBlock();
    }

    private void checkSymlink(InodeRecord inode) throws IOException {
        boolean isLink = inode.type() == FileType.SYMBOLIC_LINK;
        if (symlinks.first() == inode.ino()) {
            long length = symlinks.value().length;
            if (!isLink) {
                problems.add("inode=" + inode.ino() + ": has a symbolic link's target, but is a " + inode.type());
            } else if (length != inode.sizeBytes()) {
                problems.add(
                        "inode=" + inode.ino() + ": size is " + inode.sizeBytes() + ", its target's length " + length);
            }
            symlinks.advance();
        } else if (isLink) {
            problems.add("inode=" + inode.ino() + ": a symbolic link without a target");
        }
    }

    private boolean passXattrs(long ino) throws IOException {
        boolean any = false;
        for (; xattrs.first() == ino; xattrs.advance()) {
            any = true;
        }
        return any;
    }

    /** Passes what belongs to inodes below {@code ino} that are not there. */
    private void passMissing(long ino) throws IOException {
        passMissing(orphans, ino, "an orphan record");
        passMissing(symlinks, ino, "a symbolic link's target");
        passMissing(xattrs, ino, "extended attributes");
        while (extents.first() < ino) {
            long missing = extents.first();
            problems.add("inode=" + missing + ": is missing, but has extents");
            for (; extents.first() == missing && !extents.isAtEnd(); extents.advance()) {
                var _ = takeExtent(missing);
            }
        }
    }

    private void passMissing(TableWalk walk, long ino, String what) throws IOException {
        while (walk.first() < ino) {
            long missing = walk.first();
            problems.add("inode=" + missing + ": is missing, but has " + what);
            for (; walk.first() == missing && !walk.isAtEnd(); ) {
                walk.advance();
            }
        }
    }

    @Override
    public void close() {
        inodes.close();
        orphans.close();
        extents.close();
        symlinks.close();
        xattrs.close();
    }
}
