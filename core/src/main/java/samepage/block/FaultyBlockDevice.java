package samepage.block;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/**
 * A block device that fails, lies or waits where a test tells it to; everything else it hands on. Faults that are set by a
 * count or by {@code next} happen once, the others until {@link #heal}.
 */
public final class FaultyBlockDevice implements BlockDevice {
    private final BlockDevice device;

    @GuardedBy("this") private final Map<Operation, Map<Long, Errno>> failures = new EnumMap<>(Operation.class);

    @GuardedBy("this") private final Map<Operation, Errno> lastingFailures = new EnumMap<>(Operation.class);

    @GuardedBy("this") private final Map<Operation, Long> counts = new EnumMap<>(Operation.class);

    @GuardedBy("this") private final Map<Long, List<Long>> flippedBits = new HashMap<>();

    @GuardedBy("this") private final Map<Long, Long> misdirectedWrites = new HashMap<>();

    @GuardedBy("this") private final Set<Long> droppedWrites = new HashSet<>();

    @GuardedBy("this") private final Map<Operation, Hook> hooksBefore = new EnumMap<>(Operation.class);

    @GuardedBy("this") private final Map<Operation, Hook> hooksAfter = new EnumMap<>(Operation.class);

    public FaultyBlockDevice(BlockDevice device) {
        this.device = device;
    }

    /** What a device does, as faults are set for it. */
    public enum Operation {
        READ,
        WRITE,
        FLUSH,
        DISCARD
    }

    /** Runs on the thread of the operation, with no lock held: it may wait, and what it throws the operation throws. */
    @FunctionalInterface
    public interface Hook {
        /** The operation's range; both are 0 for a flush. */
        void run(long blockIndex, long blockCount) throws IOException;
    }

    /** Fails the {@code nth} operation of this kind from now on; 1 is the next. Nothing of it reaches the device. */
    public synchronized void failNth(Operation operation, long nth, Errno errno) {
        failures.computeIfAbsent(operation, any -> new HashMap<>()).put(count(operation) + nth, errno);
    }

    /** Fails every operation of this kind. */
    public synchronized void failAlways(Operation operation, Errno errno) {
        lastingFailures.put(operation, errno);
    }

    /** Turns over one bit of every read of the block; the stored block stays as it is. */
    public synchronized void flipBitOnRead(long blockIndex, long bitIndex) {
        flippedBits.computeIfAbsent(blockIndex, any -> new ArrayList<>()).add(bitIndex);
    }

    /** Lets the next write that begins at {@code blockIndex} go to {@code actualBlockIndex} instead, and succeed. */
    public synchronized void misdirectNextWrite(long blockIndex, long actualBlockIndex) {
        misdirectedWrites.put(blockIndex, actualBlockIndex);
    }

    /** Lets the next write that begins at {@code blockIndex} succeed without reaching the device. */
    public synchronized void dropNextWrite(long blockIndex) {
        droppedWrites.add(blockIndex);
    }

    /** Runs the hook before every operation of this kind, in place of an earlier hook. */
    public synchronized void before(Operation operation, Hook hook) {
        hooksBefore.put(operation, hook);
    }

    /** Runs the hook after every operation of this kind that succeeded, in place of an earlier hook. */
    public synchronized void after(Operation operation, Hook hook) {
        hooksAfter.put(operation, hook);
    }

    /** Takes all faults and hooks away. */
    public synchronized void heal() {
        failures.clear();
        lastingFailures.clear();
        flippedBits.clear();
        misdirectedWrites.clear();
        droppedWrites.clear();
        hooksBefore.clear();
        hooksAfter.clear();
    }

    /** Operations of this kind until now, failed ones too. */
    public synchronized long count(Operation operation) {
        return counts.getOrDefault(operation, 0L);
    }

    @Override
    public void read(long blockIndex, MemorySegment target) throws IOException {
        var blocks = target.byteSize() / blockSize();
        run(Operation.READ, blockIndex, blocks, () -> {
            device.read(blockIndex, target);
            flipBits(blockIndex, blocks, target);
        });
    }

    private synchronized void flipBits(long blockIndex, long blockCount, MemorySegment target) {
        flippedBits.forEach((block, bits) -> {
            if (block >= blockIndex && block < blockIndex + blockCount) {
                for (var bit : bits) {
                    var at = (block - blockIndex) * blockSize() + bit / 8;
                    var turned = target.get(ValueLayout.JAVA_BYTE, at) ^ 1 << bit % 8;
                    target.set(ValueLayout.JAVA_BYTE, at, (byte) turned);
                }
            }
        });
    }

    @Override
    public void write(long blockIndex, MemorySegment source) throws IOException {
        run(Operation.WRITE, blockIndex, source.byteSize() / blockSize(), () -> {
            if (!takeDroppedWrite(blockIndex)) {
                var misdirected = takeMisdirectedWrite(blockIndex);
                device.write(misdirected == null ? blockIndex : misdirected, source);
            }
        });
    }

    private synchronized boolean takeDroppedWrite(long blockIndex) {
        return droppedWrites.remove(blockIndex);
    }

    private synchronized @Nullable Long takeMisdirectedWrite(long blockIndex) {
        return misdirectedWrites.remove(blockIndex);
    }

    @Override
    public void flush() throws IOException {
        run(Operation.FLUSH, 0, 0, device::flush);
    }

    @Override
    public void discard(long blockIndex, long blockCount) throws IOException {
        run(Operation.DISCARD, blockIndex, blockCount, () -> device.discard(blockIndex, blockCount));
    }

    private interface Step {
        void run() throws IOException;
    }

    private void run(Operation operation, long blockIndex, long blockCount, Step step) throws IOException {
        var failure = countAndJudge(operation);
        var before = hookBefore(operation);
        if (before != null) {
            before.run(blockIndex, blockCount);
        }
        if (failure != null) {
            throw new VfsException(failure, "injected fault")
                    .with("operation", operation)
                    .with("block", blockIndex);
        }
        step.run();
        var after = hookAfter(operation);
        if (after != null) {
            after.run(blockIndex, blockCount);
        }
    }

    private synchronized @Nullable Errno countAndJudge(Operation operation) {
        var number = counts.merge(operation, 1L, Long::sum);
        var single = failures.get(operation);
        var failure = single == null ? null : single.remove(number);
        return failure != null ? failure : lastingFailures.get(operation);
    }

    private synchronized @Nullable Hook hookBefore(Operation operation) {
        return hooksBefore.get(operation);
    }

    private synchronized @Nullable Hook hookAfter(Operation operation) {
        return hooksAfter.get(operation);
    }

    @Override
    public int blockSize() {
        return device.blockSize();
    }

    @Override
    public long blockCount() {
        return device.blockCount();
    }

    @Override
    public long allocatedBytes() throws IOException {
        return device.allocatedBytes();
    }

    @Override
    public long usableBytes() throws IOException {
        return device.usableBytes();
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
