package samepage.block;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/**
 * A block device that notes every write, flush and discard of the one behind it, and builds the states in which a crash could
 * have left that one. All writes are held in memory.
 */
public final class RecordingBlockDevice implements BlockDevice {
    private static final int SECTOR_BYTES = 512;

    private final BlockDevice device;
    private final Recording recording;
    private final MemoryBlockDevice start;

    /** Records {@code device}, all of whose blocks must be zeros still. */
    public RecordingBlockDevice(BlockDevice device, Recording recording) {
        this(device, recording, new MemoryBlockDevice(device.blockSize(), device.blockCount()));
    }

    /** Records {@code device} from its present content on. */
    public RecordingBlockDevice(MemoryBlockDevice device, Recording recording) {
        this(device, recording, device.copy());
    }

    private RecordingBlockDevice(BlockDevice device, Recording recording, MemoryBlockDevice start) {
        this.device = device;
        this.recording = recording;
        this.start = start;
    }

    /** Whole blocks were written; {@code bytes} is a copy. */
    public record Written(RecordingBlockDevice device, long blockIndex, MemorySegment bytes)
            implements Recording.Event {}

    /** A flush returned: it covers the writes and discards that had returned when it began. */
    public record Flushed(RecordingBlockDevice device) implements Recording.Event {}

    /** Blocks were discarded. */
    public record Discarded(RecordingBlockDevice device, long blockIndex, long blockCount) implements Recording.Event {}

    /**
     * The device as it stands after the first {@code count} operations of the recording: every write there, none torn.
     */
    public MemoryBlockDevice after(int count) throws IOException {
        var rebuilt = start.copy();
        for (var entry : recording.entries().subList(0, count)) {
            perform(rebuilt, entry.event());
        }
        return rebuilt;
    }

    /**
     * The device as it may stand when the machine stopped after the first {@code count} operations of the recording: what the
     * last flush covers is there; of everything later, and of what was under way, the seed decides write by write whether it
     * is there, lost, or torn at sectors of 512 bytes. The same seed gives the same state.
     */
    public MemoryBlockDevice afterCrash(int count, long seed) throws IOException {
        var random = new Random(seed);
        var chances = List.of(0.0, 0.1, 0.5, 0.9, 1.0);
        var chance = chances.get(random.nextInt(chances.size()));
        var started = recording.startedWithin(count);
        var durable = coveredByFlush(started.subList(0, count));
        var rebuilt = start.copy();
        for (var i = 0; i < started.size(); i++) {
            var event = started.get(i).event();
            if (i < durable || random.nextDouble() < chance) {
                perform(rebuilt, event);
            } else if (event instanceof Written written && written.device == this && random.nextBoolean()) {
                tear(rebuilt, written, random);
            }
        }
        return rebuilt;
    }

    private int coveredByFlush(List<Recording.Entry> returned) {
        var covered = 0;
        for (var entry : returned) {
            if (entry.event() instanceof Flushed flushed && flushed.device == this) {
                covered = Math.max(covered, entry.began());
            }
        }
        return covered;
    }

    private void perform(MemoryBlockDevice target, Recording.Event event) throws IOException {
        switch (event) {
            case Written written when written.device == this -> target.write(written.blockIndex, written.bytes);
            case Discarded discarded
            when discarded.device == this -> target.discard(discarded.blockIndex, discarded.blockCount);
            default -> {}
        }
    }

    private static void tear(MemoryBlockDevice target, Written written, Random random) throws IOException {
        var torn = MemorySegment.ofArray(new byte[(int) written.bytes.byteSize()]);
        target.read(written.blockIndex, torn);
        for (var sector = 0; sector < torn.byteSize(); sector += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                MemorySegment.copy(written.bytes, sector, torn, sector, SECTOR_BYTES);
            }
        }
        target.write(written.blockIndex, torn);
    }

    @Override
    public void read(long blockIndex, MemorySegment target) throws IOException {
        device.read(blockIndex, target);
    }

    @Override
    public void write(long blockIndex, MemorySegment source) throws IOException {
        var began = recording.begin();
        var bytes = MemorySegment.ofArray(source.toArray(ValueLayout.JAVA_BYTE)).asReadOnly();
        device.write(blockIndex, source);
        recording.add(began, new Written(this, blockIndex, bytes));
    }

    @Override
    public void flush() throws IOException {
        var began = recording.begin();
        device.flush();
        recording.add(began, new Flushed(this));
    }

    @Override
    public void discard(long blockIndex, long blockCount) throws IOException {
        var began = recording.begin();
        device.discard(blockIndex, blockCount);
        recording.add(began, new Discarded(this, blockIndex, blockCount));
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
