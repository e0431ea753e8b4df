package samepage.remap;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import samepage.inode.Inode;
import samepage.inode.SetIdBits;
import samepage.volume.InodeRecord;
import samepage.volume.Timestamp;
import samepage.volume.Transaction;
import samepage.volume.Volume;

/** Clone and dedupe between files of one volume; the package tells the protocol. Permissions are checked above. */
@SuppressWarnings("exports") // the rooms it is made of are for core alone; outsiders come through vfs
public final class Remap {
    private final Volume volume;
    private final RangeComparison comparison;
    private final int blockSize;

    public Remap(Volume volume) {
        this.volume = volume;
        this.blockSize = volume.blockSize();
        this.comparison = new RangeComparison(blockSize);
    }

    /**
     * Makes the target range share the source's storage where both have the same bytes. At most 1 GiB of the request is
     * looked at. Content, times and everything else that can be seen stay as they are.
     *
     * @throws samepage.errno.VfsException EINVAL, EISDIR, EPERM or ETXTBSY where the request is none that can be served, EIO
     *     where content cannot be read
     */
    public RemapOutcome dedupe(RemapRequest request, RemapOptions options) throws IOException {
        BlockRangePair range = RemapChecks.forDedupe(
                request, request.source().record(), request.target().record(), blockSize);
        if (!range.isEmpty() && options.protocol() == RemapOptions.Protocol.OPTIMISTIC) {
            try (var optimistic = new OptimisticDedupe(volume, comparison, request, range, options.threads())) {
                Optional<RemapOutcome> outcome = optimistic.run();
                if (outcome.isPresent()) {
                    return outcome.get();
                }
            }
        }
        return dedupeLocked(request, options);
    }

    private RemapOutcome dedupeLocked(RemapRequest request, RemapOptions options) throws IOException {
        try (var pair = PairLock.withoutLayouts(request, blockSize, InodePairLock::new)) {
            long lockedNanos = System.nanoTime();
            pair.drainDirectIo();
            BlockRangePair range = RemapChecks.forDedupe(
                    request, pair.source().record(), pair.target().record(), blockSize);
            if (range.isEmpty()) {
                return request.lengthBytes() == 0
                        ? new RemapOutcome.Same(0, 0, since(lockedNanos))
                        : new RemapOutcome.Differs(since(lockedNanos));
            }
            pair.writeBack(range);
            BlockOffsets toShare = ExtentSharing.notShared(pair.source(), pair.target(), range);
            if (comparison.findDifference(request, range, toShare, RangeComparison.Pages.LOCKED, options.threads())
                    != RangeComparison.SAME) {
                return new RemapOutcome.Differs(since(lockedNanos));
            }
            if (!toShare.isEmpty()) {
                try (var extents = pair.lockExtents();
                        Transaction transaction = volume.begin()) {
                    ExtentSharing.share(transaction, extents, range, toShare);
                    transaction.complete();
                }
            }
            return new RemapOutcome.Same(range.bytes(), range.bytesOf(toShare, blockSize), since(lockedNanos));
        }
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /**
     * Makes the target range a clone of the source's: the same bytes in the same storage. Extends the target where the range
     * reaches past its end. Atomic, also against a crash.
     *
     * @param request length 0 means up to the source's end
     * @return the bytes cloned
     * @throws samepage.errno.VfsException EINVAL, EISDIR, EPERM, ETXTBSY or EFBIG where the request is none that can be
     *     served
     */
    public long clone(RemapRequest request, SetIdBits setIdBits) throws IOException {
        try (var pair = PairLock.withoutLayouts(request, blockSize, InodePairLock::new)) {
            pair.drainDirectIo();
            BlockRangePair range = RemapChecks.forClone(
                    request, pair.source().record(), pair.target().record(), blockSize);
            if (range.isEmpty()) {
                return 0;
            }
            pair.source().writeBack(range.sourceFrom(), range.sourceEnd());
            replaceTarget(pair, range, request.targetOffset() + range.bytes(), setIdBits);
            return range.bytes();
        }
    }

    /** The target's pages go before its extents change: nobody reads old content after the clone. */
    private void replaceTarget(InodePairLock pair, BlockRangePair range, long endBytes, SetIdBits setIdBits)
            throws IOException {
        Inode target = pair.target();
        target.unmap(range.targetFrom(), range.targetEnd());
        if (endBytes > target.sizeBytes()) {
            target.zeroPastEnd();
        }
        try (var extents = pair.lockExtents()) {
            target.pages().drop(range.targetFrom(), range.targetEnd());
            try (Transaction transaction = volume.beginAdding()) {
                ExtentSharing.share(transaction, extents, range, BlockOffsets.all(range));
                Timestamp now = Timestamp.now();
                target.update(transaction, record -> cloned(record, endBytes, now, setIdBits));
                target.extentsWritten(transaction, range.targetEnd());
                transaction.complete();
            }
            target.contentChanged(range.targetFrom(), range.targetEnd());
        }
    }

    private static InodeRecord cloned(InodeRecord record, long endBytes, Timestamp now, SetIdBits setIdBits) {
        return setIdBits.applyTo(
                record.withSize(Math.max(record.sizeBytes(), endBytes)).modifiedAt(now));
    }
}
