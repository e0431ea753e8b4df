package samepage.remap;

import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.volume.InodeRecord;

/**
 * What may be cloned and deduped: the rules of Linux's FICLONERANGE and FIDEDUPERANGE, in their order. Pure: judges the
 * attributes and the request as they are given.
 */
final class RemapChecks {
    /** The longest range that one dedupe request covers; longer ones are cut. */
    static final long MAX_DEDUPE_BYTES = 1L << 30;

    private RemapChecks() {}

    /**
     * Judges a dedupe.
     *
     * @return the whole blocks to share; empty where the request is, or where it covers no whole block that could be
     * @throws VfsException EISDIR, EINVAL, EPERM or ETXTBSY, see the package's contract
     */
    static BlockRangePair forDedupe(RemapRequest request, InodeRecord source, InodeRecord target, int blockSize)
            throws VfsException {
        checkOffsets(request);
        checkRegular(request, source, target);
        if (request.sourceOffset() + request.lengthBytes() > source.sizeBytes()) {
            throw refusal(Errno.EINVAL, "the source range reaches past the file's end", request);
        }
        if (request.lengthBytes() == 0) {
            return BlockRangePair.EMPTY;
        }
        long length = Math.min(request.lengthBytes(), MAX_DEDUPE_BYTES);
        if (target.has(InodeRecord.FLAG_IMMUTABLE)) {
            throw refusal(Errno.EPERM, "the target is immutable", request);
        }
        checkNoSwap(request, source, target);
        checkAligned(request, blockSize);
        if (request.targetOffset() + length > target.sizeBytes()) {
            throw refusal(Errno.EINVAL, "the target range reaches past the file's end", request);
        }
        boolean endsBoth = request.sourceOffset() + length == source.sizeBytes()
                && request.targetOffset() + length == target.sizeBytes();
        long bytes = endsBoth ? length : length - length % blockSize;
        BlockRangePair blocks = blocks(request, bytes, blockSize);
        checkNoOverlap(request, blocks);
        return blocks;
    }

    /**
     * Judges a clone.
     *
     * @return the blocks to share; the last one may be in part only, where it is the source's last
     * @throws VfsException EISDIR, EINVAL, EPERM, ETXTBSY or EFBIG
     */
    static BlockRangePair forClone(RemapRequest request, InodeRecord source, InodeRecord target, int blockSize)
            throws VfsException {
        checkOffsets(request);
        checkRegular(request, source, target);
        if (target.has(InodeRecord.FLAG_IMMUTABLE) || target.has(InodeRecord.FLAG_APPEND_ONLY)) {
            throw refusal(Errno.EPERM, "the target may not be overwritten", request);
        }
        checkNoSwap(request, source, target);
        if (request.sourceOffset() > source.sizeBytes()) {
            throw refusal(Errno.EINVAL, "the source range begins past the file's end", request);
        }
        long length = request.lengthBytes() == 0 ? source.sizeBytes() - request.sourceOffset() : request.lengthBytes();
        if (request.sourceOffset() + length > source.sizeBytes()) {
            throw refusal(Errno.EINVAL, "the source range reaches past the file's end", request);
        }
        if (request.targetOffset() + length < 0) {
            throw refusal(Errno.EFBIG, "the target would be too long", request);
        }
        checkAligned(request, blockSize);
        if (request.isWithinOneFile() && length == source.sizeBytes()) {
            throw refusal(Errno.EINVAL, "a file cannot be cloned onto itself", request);
        }
        boolean endsSource = request.sourceOffset() + length == source.sizeBytes();
        if (length % blockSize != 0 && !endsSource) {
            throw refusal(Errno.EINVAL, "the length is not of whole blocks", request);
        }
        if (length % blockSize != 0 && request.targetOffset() + length < target.sizeBytes()) {
            throw refusal(Errno.EINVAL, "the source's last block would land inside the target", request);
        }
        BlockRangePair blocks = blocks(request, length, blockSize);
        checkNoOverlap(request, blocks);
        return blocks;
    }

    private static void checkOffsets(RemapRequest request) throws VfsException {
        if (request.sourceOffset() < 0
                || request.targetOffset() < 0
                || request.lengthBytes() < 0
                || request.sourceOffset() + request.lengthBytes() < 0
                || request.targetOffset() + request.lengthBytes() < 0) {
            throw refusal(Errno.EINVAL, "an offset or the length is out of range", request);
        }
    }

    private static void checkRegular(RemapRequest request, InodeRecord source, InodeRecord target) throws VfsException {
        if (source.isDirectory() || target.isDirectory()) {
            throw refusal(Errno.EISDIR, "a directory has no ranges to share", request);
        }
        if (!source.isRegular() || !target.isRegular()) {
            throw refusal(Errno.EINVAL, "only regular files share ranges", request);
        }
    }

    private static void checkNoSwap(RemapRequest request, InodeRecord source, InodeRecord target) throws VfsException {
        if (source.has(InodeRecord.FLAG_SWAP) || target.has(InodeRecord.FLAG_SWAP)) {
            throw refusal(Errno.ETXTBSY, "a swap file shares nothing", request);
        }
    }

    private static void checkAligned(RemapRequest request, int blockSize) throws VfsException {
        if (request.sourceOffset() % blockSize != 0 || request.targetOffset() % blockSize != 0) {
            throw refusal(Errno.EINVAL, "the offsets are not at block boundaries", request);
        }
    }

    private static void checkNoOverlap(RemapRequest request, BlockRangePair blocks) throws VfsException {
        if (request.isWithinOneFile()
                && !blocks.isEmpty()
                && blocks.sourceFrom() < blocks.targetEnd()
                && blocks.targetFrom() < blocks.sourceEnd()) {
            throw refusal(Errno.EINVAL, "the ranges overlap", request);
        }
    }

    private static BlockRangePair blocks(RemapRequest request, long bytes, int blockSize) {
        return new BlockRangePair(
                request.sourceOffset() / blockSize,
                request.targetOffset() / blockSize,
                (bytes + blockSize - 1) / blockSize,
                bytes);
    }

    private static VfsException refusal(Errno errno, String text, RemapRequest request) {
        return new VfsException(errno, text)
                .with("source", request.source().ino())
                .with("offset", request.sourceOffset())
                .with("target", request.target().ino())
                .with("offset", request.targetOffset())
                .with("length", request.lengthBytes());
    }
}
