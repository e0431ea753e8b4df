package samepage.volume;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import samepage.block.BlockDevice;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.lock.Courtesy;

/** The device's blocks, each with the checksum that it was written with (V4). */
final class VerifiedBlocks {
    /** Computed before others are let run: some 0.1 ms. */
    private static final int SUMS_IN_ONE_GO = 128;

    private final BlockDevice device;
    private final ChecksumTable checksums;
    private final int blockSize;

    VerifiedBlocks(BlockDevice device, ChecksumTable checksums) {
        this.device = device;
        this.checksums = checksums;
        this.blockSize = device.blockSize();
    }

    Checksum[] write(PhysicalRun run, MemorySegment data) throws IOException {
        var sums = new Checksum[(int) run.blockCount()];
        sum(data, sums);
        device.write(run.start(), data);
        return sums;
    }

    /** The executor writes while the checksums are computed here. */
    CompletableFuture<Checksum[]> write(PhysicalRun run, MemorySegment data, Executor executor) {
        var sums = new Checksum[(int) run.blockCount()];
        var written = new CompletableFuture<Checksum[]>();
        executor.execute(() -> {
            try {
                device.write(run.start(), data);
                written.complete(sums);
            } catch (Throwable e) {
                written.completeExceptionally(e);
            }
        });
        sum(data, sums); // before anybody has the answer
        return written;
    }

    private void sum(MemorySegment data, Checksum[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Checksum.of(data, (long) i * blockSize, blockSize);
            if (i % SUMS_IN_ONE_GO == SUMS_IN_ONE_GO - 1) {
                Courtesy.giveWay();
            }
        }
    }

    void read(long physicalBlock, MemorySegment target) throws IOException {
        device.read(physicalBlock, target);
        Checksum[] sums = checksums.get(physicalBlock, (int) (target.byteSize() / blockSize));
        for (int i = 0; i < sums.length; i++) {
            verify(physicalBlock + i, target, (long) i * blockSize, sums[i]);
        }
    }

    void readWritten(long physicalBlock, MemorySegment target, Checksum sum) throws IOException {
        device.read(physicalBlock, target);
        verify(physicalBlock, target, 0, sum);
    }

    private void verify(long physicalBlock, MemorySegment content, long offsetBytes, Checksum sum) throws VfsException {
        if (!Checksum.of(content, offsetBytes, blockSize).equals(sum)) {
            throw new VfsException(Errno.EIO, "a block is not what was written").with("block", physicalBlock);
        }
    }
}
