package samepage.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.inode.ContentOperations;
import samepage.inode.Inode;
import samepage.inode.InodeTable;
import samepage.inode.LayoutLease;
import samepage.inode.SetIdBits;
import samepage.lock.RankedLock;
import samepage.pagecache.PageBacking;
import samepage.pagecache.PageCache;
import samepage.pagecache.PageMapping;
import samepage.pagecache.Window;
import samepage.volume.InodeRecord;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/**
 * The content of a volume's files: the face of this room. Takes the inode's locks itself unless a method's name says that
 * its caller holds them. Offsets and lengths are bytes.
 */
public final class FileIo implements AutoCloseable {
    /** The greatest size of a file: 2^63 - 1 bytes, as Linux has it. */
    public static final long MAX_FILE_BYTES = Long.MAX_VALUE;

    private final Volume volume;
    private final BlockSize blocks;
    private final StagingBuffers buffers;
    private final Writeback writeback;
    private final PageCache cache;
    private final InodeTable inodes;
    private final PageFill pageFill;
    private final BufferedIo bufferedIo;
    private final MappedIo mappedIo;
    private final DirectIo directIo;
    private final LayoutIo layoutIo;
    private final Truncation truncation;
    private final Fallocation fallocation;
    private final Seek seek;
    private final Orphans orphans;
    private final ExecutorService completions = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * @param cacheBytes memory for pages
     * @param memory allocates it and the buffers of writeback, to be freed with the arena
     */
    public FileIo(Volume volume, long cacheBytes, Function<Arena, SegmentAllocator> memory) {
        this.volume = volume;
        this.buffers = new StagingBuffers(memory);
        this.writeback = new Writeback(volume, buffers);
        this.cache = new PageCache(volume.blockSize(), cacheBytes, new Backing(), memory);
        this.inodes = new InodeTable(volume, cache, new Operations());
        this.pageFill = new PageFill(volume);
        this.blocks = new BlockSize(volume.blockSize());
        var promises = new SpacePromises(volume);
        this.bufferedIo = new BufferedIo(pageFill, promises, blocks);
        this.mappedIo = new MappedIo(pageFill, promises, blocks);
        this.directIo = new DirectIo(volume, writeback, pageFill);
        this.truncation = new Truncation(volume, bufferedIo);
        this.layoutIo = new LayoutIo(volume, writeback, blocks);
        this.fallocation = new Fallocation(volume, bufferedIo, writeback);
        this.seek = new Seek(volume.blockSize(), writeback);
        this.orphans = new Orphans(volume, truncation);
    }

    public int blockSize() {
        return volume.blockSize();
    }

    /** The inodes in use. */
    public InodeTable inodes() {
        return inodes;
    }

    /** Reads at most {@code target.byteSize()} bytes; gives how many, 0 at the end. Takes no lock where pages are there. */
    public int read(Inode inode, long offset, MemorySegment target, ReadAhead readAhead) throws IOException {
        return bufferedIo.read(inode, offset, target, readAhead);
    }

    /**
     * Writes at {@code offset}, or at the end where that is negative.
     *
     * @return where the write began
     * @throws VfsException EFBIG past the greatest size, ENOSPC where nothing could be written
     */
    public Written write(Inode inode, long offset, MemorySegment source, SetIdBits setIdBits) throws IOException {
        cache.throttle();
        pauseWhereOutpaced(inode, offset < 0 ? inode.sizeBytes() : offset, source.byteSize());
        try (var _ = lockToWrite(inode, offset, source.byteSize())) {
            long start = offset < 0 ? inode.sizeBytes() : offset;
            checkEnd(inode, start, source.byteSize());
            inode.directIo().awaitZero(); // else a block filled for its edges would overwrite what is on its way
            int bytes = bufferedIo.writeLocked(inode, start, source);
            if (bytes > 0) {
                inode.contentModified(setIdBits);
            }
            return new Written(start, bytes);
        }
    }

    private void pauseWhereOutpaced(Inode inode, long offset, long length) {
        if (offset + length > 0) {
            inode.pauseWhereOutpaced(blocks.containing(offset), blocks.upTo(offset + length));
        }
    }

    private RankedLock.Held lockToWrite(Inode inode, long offset, long length) {
        return offset < 0 || offset + length < 0
                ? inode.lockToChange(blocks.containing(inode.sizeBytes()), Long.MAX_VALUE)
                : inode.lockToChange(blocks.containing(offset), blocks.upTo(offset + length));
    }

    /** Where a write began and how many bytes it wrote. */
    public record Written(long offset, int bytes) {}

    /**
     * A memory map's page fault: a window on {@code block}, and on what lies next to it of {@code [from, to)} in one piece of
     * memory. All are file blocks.
     *
     * @param writable whether stores may come through it: its blocks are dirty from now on, and the file modified
     * @throws VfsException EFAULT where the block lies past the file's end, ENOSPC where there is no room to write it
     */
    public Window fault(Inode inode, long block, long from, long to, boolean writable) throws IOException {
        if (writable) {
            cache.throttle();
            inode.pauseWhereOutpaced(from, to);
        }
        return mappedIo.fault(inode, block, from, to, writable);
    }

    /** Leases blocks {@code [from, to)}; see {@link LayoutIo#grant}. */
    public GrantedLayout lease(
            Inode inode, long from, long to, LayoutLease.Access access, Duration deadline, Runnable holder)
            throws IOException {
        return layoutIo.grant(inode, from, to, access, deadline, holder);
    }

    /** Reads whole blocks past the pages. */
    public int readDirect(Inode inode, long offset, MemorySegment target) throws IOException {
        return directIo.read(inode, offset, target);
    }

    /** Writes whole blocks past the pages, and waits for it. */
    public int writeDirect(Inode inode, long offset, MemorySegment source, SetIdBits setIdBits) throws IOException {
        return await(writeDirect(inode, offset, source, setIdBits, Runnable::run));
    }

    /** Begins a write of whole blocks past the pages; see {@link DirectIo#write}. */
    public CompletableFuture<Integer> writeDirectAsync(
            Inode inode, long offset, MemorySegment source, SetIdBits setIdBits) throws IOException {
        return writeDirect(inode, offset, source, setIdBits, completions);
    }

    private CompletableFuture<Integer> writeDirect(
            Inode inode, long offset, MemorySegment source, SetIdBits setIdBits, Executor executor) throws IOException {
        checkEnd(inode, offset, source.byteSize());
        pauseWhereOutpaced(inode, offset, source.byteSize());
        if (setIdBits != SetIdBits.KEEP) {
            inode.update(setIdBits::applyTo);
        }
        return directIo.write(inode, offset, source, executor);
    }

    private static int await(CompletableFuture<Integer> write) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return write.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Sets the size and, in the same transaction, what {@code alsoChange} says. */
    public void setSize(Inode inode, long sizeBytes, UnaryOperator<InodeRecord> alsoChange) throws IOException {
        try (var _ = lockToResize(inode, sizeBytes)) {
            setSizeInodeLocked(inode, sizeBytes, alsoChange);
        }
    }

    /** The inode lock exclusive, with no lease in the way of a change of size. */
    public RankedLock.Held lockToResize(Inode inode, long sizeBytes) {
        return inode.lockToChange(blocks.containing(Math.min(sizeBytes, inode.sizeBytes())), Long.MAX_VALUE);
    }

    /** The same for a caller that holds the lock as {@link #lockToResize} gives it. */
    public void setSizeInodeLocked(Inode inode, long sizeBytes, UnaryOperator<InodeRecord> alsoChange)
            throws IOException {
        truncation.setSizeLocked(inode, sizeBytes, alsoChange);
    }

    /** Takes space for the range; where {@code keepSize} is false the file is at least as long as the range's end. */
    public void allocate(Inode inode, long offset, long length, boolean keepSize, SetIdBits setIdBits)
            throws IOException {
        fallocation.allocate(inode, offset, length, keepSize, setIdBits);
    }

    /** Makes the range a hole. */
    public void punchHole(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        fallocation.punchHole(inode, offset, length, setIdBits);
    }

    /** Makes the range read as zeros, with space taken for it. */
    public void zeroRange(Inode inode, long offset, long length, boolean keepSize, SetIdBits setIdBits)
            throws IOException {
        fallocation.zeroRange(inode, offset, length, keepSize, setIdBits);
    }

    /** Takes the range out of the file; what follows moves down. Whole blocks only. */
    public void collapseRange(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        fallocation.collapseRange(inode, offset, length, setIdBits);
    }

    /** Puts a hole into the file; what follows moves up. Whole blocks only. */
    public void insertRange(Inode inode, long offset, long length, SetIdBits setIdBits) throws IOException {
        fallocation.insertRange(inode, offset, length, setIdBits);
    }

    /**
     * The first byte of data from {@code offset} on.
     *
     * @throws VfsException ENXIO where there is none
     */
    public long seekData(Inode inode, long offset) throws IOException {
        return seek.data(inode, offset);
    }

    /** The first byte from {@code offset} on that is in a hole; the end of the file where there is none before. */
    public long seekHole(Inode inode, long offset) throws IOException {
        return seek.hole(inode, offset);
    }

    /** Makes content durable, and attributes: all of them, or where {@code dataOnly} those that reading needs. */
    public void fsync(Inode inode, boolean dataOnly) throws IOException {
        inode.directIo().awaitZero();
        writeBack(inode);
        inode.throwWritebackError();
        if (inode.isRecordDirty()) {
            try (Transaction transaction = volume.begin()) {
                inode.put(transaction);
                transaction.complete();
            }
        }
        volume.commit(inode.lastSequence());
    }

    /** Writes back what is dirty of the inode; it is durable with the next commit. */
    public void writeBack(Inode inode) throws IOException {
        writeback.writeBack(inode, 0, Long.MAX_VALUE);
    }

    /** Makes everything durable that has been written to any file. */
    public void sync() throws IOException {
        IOException failed = null;
        for (PageMapping mapping : cache.busyMappings()) {
            Inode inode = inodes.getIfPresent(mapping.ino());
            if (inode != null) {
                try {
                    writeBack(inode);
                } catch (IOException e) {
                    failed = e;
                } finally {
                    inodes.release(inode);
                }
            }
        }
        volume.commit();
        if (failed != null) {
            throw failed;
        }
    }

    static void checkEnd(Inode inode, long offset, long length) throws VfsException {
        if (offset + length < 0) {
            throw new VfsException(Errno.EFBIG).with("inode", inode.ino()).with("offset", offset);
        }
    }

    /** Finishes what a crash has interrupted: frees inodes without a name, ends truncations. */
    public void recoverOrphans() throws IOException {
        orphans.recover(inodes);
    }

    /** Makes everything durable and ends the room's threads; the volume stays open. */
    @Override
    public void close() throws IOException {
        try {
            completions.close();
            layoutIo.fenceAll();
            if (!volume.isReadOnly()) {
                sync();
            }
        } finally {
            cache.close();
            writeback.close();
            buffers.close();
        }
    }

    private final class Operations implements ContentOperations {
        @Override
        public void writeBack(Inode inode, long from, long to) throws IOException {
            writeback.writeBack(inode, from, to);
        }

        @Override
        public void readFromDevice(Inode inode, long block, MemorySegment target) throws IOException {
            pageFill.read(inode, block, target);
        }

        @Override
        public void lastReferenceGone(Inode inode) throws IOException {
            orphans.free(inode);
        }
    }

    private final class Backing implements PageBacking {
        @Override
        public void writeBack(List<PageMapping> mappings) throws IOException {
            var referenced = new ArrayList<Inode>();
            for (PageMapping mapping : mappings) {
                Inode inode = inodes.getIfPresent(mapping.ino());
                if (inode != null) {
                    referenced.add(inode);
                }
            }
            try {
                writeback.writeBackAll(referenced);
            } finally {
                referenced.forEach(this::release);
            }
        }

        private void release(Inode inode) {
            try {
                inodes.release(inode);
            } catch (IOException e) {
                inode.writebackFailed(e); // it stays an orphan: the next mount frees it
            }
        }

        @Override
        public void broken(Throwable bug) {
            var _ = volume.stop("writing back has failed", bug);
        }

        @Override
        public boolean isWritable() {
            return volume.isWritable();
        }

        @Override
        public void returnPromises(int blocks) {
            volume.redeem(blocks, 0);
        }
    }
}
