package samepage.verification.stress;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.vfs.LayoutLease;
import samepage.vfs.LeaseMode;
import samepage.vfs.Mapping;
import samepage.vfs.MappingMode;
import samepage.vfs.OpenFile;

/**
 * A file that one thread alone changes, beside an array of what it must hold. Others dedupe it, which changes nothing. Its
 * blocks are of few kinds, so that much of it equals much of other files.
 */
final class OwnedFile implements AutoCloseable {
    static final int MAX_BYTES = 2 << 20;
    private static final int KINDS_OF_BLOCKS = 2;

    private final String name;
    private final OpenFile buffered;
    private final OpenFile direct;
    private final OpenFile appending;
    private final Mapping map;
    private final int blockSize;
    private final SplittableRandom random;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(MAX_BYTES, 4096);
    private final Map<Step, Long> steps = new EnumMap<>(Step.class);
    private byte[] expected = {};

    /** What the owner does. */
    enum Step {
        WRITE,
        WRITE_BYTES,
        APPEND,
        WRITE_DIRECT,
        WRITE_DIRECT_SIDE_BY_SIDE,
        STORE,
        STORE_BYTES,
        WRITE_LEASED,
        TRUNCATE,
        PUNCH,
        ZERO,
        COLLAPSE,
        INSERT,
        ALLOCATE,
        FSYNC,
        READ,
        READ_DIRECT,
        LOAD,
        READ_LEASED,
        VERIFY
    }

    private static final Step[] STEPS = Step.values();

    OwnedFile(
            String name, OpenFile buffered, OpenFile direct, OpenFile appending, int blockSize, SplittableRandom random)
            throws IOException {
        this.name = name;
        this.buffered = buffered;
        this.direct = direct;
        this.appending = appending;
        this.blockSize = blockSize;
        this.random = random;
        this.map = buffered.map(MappingMode.SHARED, 0, MAX_BYTES);
    }

    long ino() {
        return buffered.ino();
    }

    Map<Step, Long> steps() {
        return steps;
    }

    void fill() throws IOException {
        write(buffered, 0, blocks(MAX_BYTES / 2));
    }

    /** Does one thing to the file and to what it must hold. */
    void step() throws IOException {
        Step step = STEPS[random.nextInt(STEPS.length)];
        steps.merge(step, 1L, Long::sum);
        switch (step) {
            case WRITE -> write(buffered, blockOffset(), blocks(blockLength()));
            case WRITE_BYTES ->
                write(buffered, random.nextInt(Math.min(expected.length + 5000, MAX_BYTES - 300)), bytes());
            case APPEND -> append();
            case WRITE_DIRECT -> write(direct, blockOffset(), blocks(blockLength()));
            case WRITE_DIRECT_SIDE_BY_SIDE -> writeSideBySide();
            case STORE -> store(blockOffset(), blocks(blockLength()));
            case STORE_BYTES -> store(random.nextInt(expected.length + 1), bytes());
            case WRITE_LEASED -> writeLeased();
            case TRUNCATE -> truncate();
            case PUNCH -> punch();
            case ZERO -> zero();
            case COLLAPSE -> collapse();
            case INSERT -> insert();
            case ALLOCATE -> buffered.allocate(random.nextInt(MAX_BYTES / 2), 1 + random.nextInt(100_000), true);
            case FSYNC -> buffered.fsync(random.nextBoolean());
            case READ -> read(buffered, random.nextInt(MAX_BYTES), 1 + random.nextInt(200_000));
            case READ_DIRECT -> read(direct, blockOffset(), blockLength());
            case LOAD -> load();
            case READ_LEASED -> readLeased();
            case VERIFY -> verify();
        }
    }

    private int blockOffset() {
        return random.nextInt(MAX_BYTES * 3 / 4 / blockSize) * blockSize;
    }

    private int blockLength() {
        return (1 + random.nextInt(random.nextInt(8) == 0 ? MAX_BYTES / 4 / blockSize : 8)) * blockSize;
    }

    /** Whole blocks, each of one of few kinds. */
    private byte[] blocks(int length) {
        byte[] content = new byte[length];
        for (int at = 0; at < length; at += blockSize) {
            Arrays.fill(content, at, Math.min(length, at + blockSize), (byte) random.nextInt(KINDS_OF_BLOCKS));
        }
        return content;
    }

    /** A few bytes that are like no block, or like all. */
    private byte[] bytes() {
        byte[] content = new byte[1 + random.nextInt(300)];
        Arrays.fill(content, (byte) random.nextInt(KINDS_OF_BLOCKS + 1));
        return content;
    }

    private void put(int offset, byte[] content) {
        grow(offset + content.length);
        System.arraycopy(content, 0, expected, offset, content.length);
    }

    private void grow(int size) {
        if (size > expected.length) {
            expected = Arrays.copyOf(expected, size);
        }
    }

    private MemorySegment inMemory(byte[] content) {
        MemorySegment.copy(content, 0, buffer, ValueLayout.JAVA_BYTE, 0, content.length);
        return buffer.asSlice(0, content.length);
    }

    private void write(OpenFile file, int offset, byte[] content) throws IOException {
        check(file.write(offset, inMemory(content)) == content.length, "a write of %d was cut short", content.length);
        put(offset, content);
    }

    private void append() throws IOException {
        byte[] content = bytes();
        if (expected.length + content.length <= MAX_BYTES) {
            check(appending.write(0, inMemory(content)) == content.length, "an append was cut short");
            put(expected.length, content);
        }
    }

    private void writeSideBySide() throws IOException {
        int count = 1 + random.nextInt(4);
        int length = blockLength() / 4 / blockSize * blockSize + blockSize;
        int offset = Math.min(blockOffset(), (MAX_BYTES - count * length) / blockSize * blockSize);
        byte[] content = blocks(count * length);
        MemorySegment all = inMemory(content);
        List<CompletableFuture<Integer>> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writes.add(direct.writeDirectAsync(offset + (long) i * length, all.asSlice((long) i * length, length)));
        }
        for (CompletableFuture<Integer> write : writes) {
            check(write.join() == length, "a direct write was cut short");
        }
        put(offset, content);
    }

    /** Through the map, within the file; the map's windows stay from one step to the next. */
    private void store(int offset, byte[] content) throws IOException {
        int length = Math.min(content.length, expected.length - offset);
        if (length > 0) {
            map.write(offset, inMemory(content).asSlice(0, length));
            put(offset, Arrays.copyOf(content, length));
        }
    }

    private void writeLeased() throws IOException {
        int offset = blockOffset();
        byte[] content = blocks(blockLength());
        if (offset + content.length > expected.length) {
            return;
        }
        var held = new CompletableFuture<LayoutLease>();
        try {
            LayoutLease lease = buffered.lease(
                    LeaseMode.WRITE, offset, content.length, Duration.ofMinutes(1), () -> giveBack(held));
            held.complete(lease);
            lease.write(0, inMemory(content));
            put(offset, content);
        } catch (VfsException e) {
            check(e.errno() == Errno.EAGAIN || e.errno() == Errno.ESTALE, "%s", e);
        } finally {
            if (held.isDone()) {
                held.join().close();
            }
        }
    }

    private void readLeased() throws IOException {
        int offset = blockOffset();
        int length = blockLength();
        if (offset + length > expected.length) {
            return;
        }
        var held = new CompletableFuture<LayoutLease>();
        try (LayoutLease lease =
                buffered.lease(LeaseMode.READ, offset, length, Duration.ofMinutes(1), () -> giveBack(held))) {
            held.complete(lease);
            lease.read(0, buffer.asSlice(0, length));
            compare(offset, length);
        } catch (VfsException e) {
            check(e.errno() == Errno.EAGAIN || e.errno() == Errno.ESTALE, "%s", e);
        }
    }

    private static void giveBack(CompletableFuture<LayoutLease> held) {
        try {
            held.join().close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void truncate() throws IOException {
        int size = random.nextInt(4) == 0
                ? random.nextInt(MAX_BYTES)
                : Math.clamp(expected.length + random.nextInt(-60_000, 60_000), 0, MAX_BYTES);
        buffered.truncate(size);
        expected = Arrays.copyOf(expected, size);
    }

    private void punch() throws IOException {
        int offset = random.nextInt(MAX_BYTES);
        int length = 1 + random.nextInt(100_000);
        buffered.punchHole(offset, length);
        zeroExpected(offset, length);
    }

    private void zero() throws IOException {
        int offset = random.nextInt(MAX_BYTES);
        int length = 1 + random.nextInt(100_000);
        buffered.zeroRange(offset, length, true);
        zeroExpected(offset, length);
    }

    private void zeroExpected(int offset, int length) {
        int end = Math.min(expected.length, offset + length);
        if (offset < end) {
            Arrays.fill(expected, offset, end, (byte) 0);
        }
    }

    private void collapse() throws IOException {
        int offset = blockOffset();
        int length = blockLength();
        if (offset + length < expected.length) {
            buffered.collapseRange(offset, length);
            byte[] rest = Arrays.copyOfRange(expected, offset + length, expected.length);
            expected = Arrays.copyOf(expected, expected.length - length);
            System.arraycopy(rest, 0, expected, offset, rest.length);
        }
    }

    private void insert() throws IOException {
        int offset = blockOffset();
        int length = blockLength();
        if (offset < expected.length && expected.length + length <= MAX_BYTES) {
            buffered.insertRange(offset, length);
            byte[] rest = Arrays.copyOfRange(expected, offset, expected.length);
            expected = Arrays.copyOf(expected, expected.length + length);
            Arrays.fill(expected, offset, offset + length, (byte) 0);
            System.arraycopy(rest, 0, expected, offset + length, rest.length);
        }
    }

    private void read(OpenFile file, int offset, int length) throws IOException {
        int wanted = Math.clamp(expected.length - offset, 0, Math.min(length, MAX_BYTES));
        int bytes = file.read(offset, buffer.asSlice(0, Math.min(length, MAX_BYTES)));
        check(bytes == wanted, "%d bytes read at %d instead of %d", bytes, offset, wanted);
        compare(offset, bytes);
    }

    private void load() throws IOException {
        int offset = random.nextInt(MAX_BYTES);
        int length = Math.min(1 + random.nextInt(50_000), expected.length - offset);
        if (length > 0) {
            map.read(offset, buffer.asSlice(0, length));
            compare(offset, length);
        }
    }

    /** The whole file is what it must be. */
    void verify() throws IOException {
        long size = buffered.attributes().sizeBytes();
        check(size == expected.length, "its size is %d instead of %d", size, expected.length);
        read(buffered, 0, MAX_BYTES);
    }

    private void compare(int offset, int length) {
        if (length == 0) {
            return;
        }
        long wrong = MemorySegment.mismatch(
                buffer, 0, length, MemorySegment.ofArray(expected), offset, (long) offset + length);
        check(wrong < 0, "byte %d is not what was written last", offset + wrong);
    }

    @FormatMethod
    private void check(boolean holds, String text, Object... values) {
        if (!holds) {
            throw new AssertionError("file " + name + ": " + text.formatted(values));
        }
    }

    @Override
    public void close() throws IOException {
        map.close();
        buffered.close();
        direct.close();
        appending.close();
        arena.close();
    }
}
