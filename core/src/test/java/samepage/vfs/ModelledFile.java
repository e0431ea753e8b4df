package samepage.vfs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import samepage.errno.Errno;
import samepage.errno.VfsException;

/** A file beside an array of bytes that says what it should hold; each method does one random thing to both. */
final class ModelledFile implements AutoCloseable {
    private static final int MAX_BYTES = 1 << 20;

    private final String path;
    private final int blockSize;
    private final Random random;
    private byte[] model = {};
    private OpenFile buffered;
    private OpenFile direct;
    private OpenFile appending;

    ModelledFile(TestMount mount, String path, Random random) throws IOException {
        this.path = path;
        this.blockSize = mount.vfs().volume().blockSize();
        this.random = random;
        this.buffered = mount.openOrCreate(path);
        this.direct = mount.openOrCreate(path, OpenFlag.DIRECT);
        this.appending = mount.openOrCreate(path, OpenFlag.APPEND);
    }

    void reopen(TestMount mount) throws IOException {
        buffered = mount.openOrCreate(path);
        direct = mount.openOrCreate(path, OpenFlag.DIRECT);
        appending = mount.openOrCreate(path, OpenFlag.APPEND);
    }

    /** Begins with more content than fits into memory together with others. */
    void fill() throws IOException {
        byte[] content = content(random.nextInt(MAX_BYTES / 2, MAX_BYTES));
        writeAll(buffered, 0, content);
        put(0, content);
    }

    /** Does one thing and says what. */
    String step() throws IOException {
        return switch (random.nextInt(22)) {
            case 0, 1, 2, 3 -> write();
            case 4 -> append();
            case 5, 6, 7 -> read();
            case 8 -> truncate();
            case 9 -> punch();
            case 10 -> zero();
            case 11 -> collapse();
            case 12 -> insert();
            case 13 -> allocate();
            case 14, 15 -> writeDirect();
            case 16, 17 -> readDirect();
            case 18 -> writeDirectSideBySide();
            case 19 -> seek();
            case 20 -> fsync();
            default -> verify();
        };
    }

    private int length() {
        return switch (random.nextInt(6)) {
            case 0 -> 1 + random.nextInt(16);
            case 1, 2 -> 1 + random.nextInt(2 * blockSize);
            case 3 -> blockSize * (1 + random.nextInt(8));
            case 4 -> 1 + random.nextInt(64 << 10);
            default -> 1 + random.nextInt(256 << 10);
        };
    }

    /** Anywhere, past the end now and then, on a block's edge now and then. */
    private int offset(int length) {
        int limit = Math.min(MAX_BYTES - length, model.length + random.nextInt(3) * random.nextInt(64 << 10));
        int offset = random.nextInt(limit + 1);
        return random.nextInt(3) == 0 ? offset / blockSize * blockSize : offset;
    }

    private byte[] content(int length) {
        byte[] content = new byte[length];
        random.nextBytes(content);
        return content;
    }

    private void put(int offset, byte[] content) {
        grow(offset + content.length);
        System.arraycopy(content, 0, model, offset, content.length);
    }

    private void grow(int size) {
        if (size > model.length) {
            model = Arrays.copyOf(model, size);
        }
    }

    private static void writeAll(OpenFile file, long offset, byte[] content) throws IOException {
        int written = file.write(offset, MemorySegment.ofArray(content));
        assertThat(written).isEqualTo(content.length);
    }

    private String write() throws IOException {
        int length = length();
        int offset = offset(length);
        byte[] content = content(length);
        writeAll(buffered, offset, content);
        put(offset, content);
        return "write offset=" + offset + " length=" + length;
    }

    private String append() throws IOException {
        int length = Math.min(length(), MAX_BYTES - model.length);
        byte[] content = content(length);
        writeAll(appending, random.nextInt(1000), content);
        put(model.length, content);
        return "append length=" + length;
    }

    private String read() throws IOException {
        int length = length();
        int offset = offset(length);
        expectRead(buffered, offset, length);
        return "read offset=" + offset + " length=" + length;
    }

    private void expectRead(OpenFile file, int offset, int length) throws IOException {
        byte[] expected = offset >= model.length
                ? new byte[0]
                : Arrays.copyOfRange(model, offset, Math.min(model.length, offset + length));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(length, 4096);
            target.fill((byte) 0x5A);
            int bytes = file.read(offset, target);
            assertThat(bytes).as("bytes read at %d", offset).isEqualTo(expected.length);
            byte[] got = target.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE);
            int mismatch = Arrays.mismatch(got, expected);
            assertThat(mismatch).as("first wrong byte after %d", offset).isEqualTo(-1);
        }
    }

    private String truncate() throws IOException {
        int size = random.nextInt(3) == 0
                ? random.nextInt(MAX_BYTES)
                : Math.clamp(model.length + random.nextInt(-60_000, 60_000), 0, MAX_BYTES);
        buffered.truncate(size);
        model = Arrays.copyOf(model, size);
        return "truncate size=" + size;
    }

    private void zeroModel(int offset, int length) {
        int end = Math.min(model.length, offset + length);
        if (offset < end) {
            Arrays.fill(model, offset, end, (byte) 0);
        }
    }

    private String punch() throws IOException {
        int length = length();
        int offset = offset(length);
        buffered.punchHole(offset, length);
        zeroModel(offset, length);
        return "punch offset=" + offset + " length=" + length;
    }

    private String zero() throws IOException {
        int length = length();
        int offset = offset(length);
        boolean keepSize = random.nextBoolean();
        buffered.zeroRange(offset, length, keepSize);
        zeroModel(offset, length);
        if (!keepSize) {
            grow(offset + length);
        }
        return "zero offset=" + offset + " length=" + length + " keepSize=" + keepSize;
    }

    private String allocate() throws IOException {
        int length = length();
        int offset = offset(length);
        boolean keepSize = random.nextBoolean();
        buffered.allocate(offset, length, keepSize);
        if (!keepSize) {
            grow(offset + length);
        }
        return "allocate offset=" + offset + " length=" + length + " keepSize=" + keepSize;
    }

    private String collapse() throws IOException {
        int offset = random.nextInt(model.length / blockSize + 1) * blockSize;
        int length = (1 + random.nextInt(8)) * blockSize;
        String what = "collapse offset=" + offset + " length=" + length;
        if (offset + length >= model.length) {
            expectRefusal(Errno.EINVAL, () -> buffered.collapseRange(offset, length));
            return what + " refused";
        }
        buffered.collapseRange(offset, length);
        byte[] rest = Arrays.copyOfRange(model, offset + length, model.length);
        model = Arrays.copyOf(model, model.length - length);
        System.arraycopy(rest, 0, model, offset, rest.length);
        return what;
    }

    private String insert() throws IOException {
        int offset = random.nextInt(model.length / blockSize + 1) * blockSize;
        int length = (1 + random.nextInt(8)) * blockSize;
        String what = "insert offset=" + offset + " length=" + length;
        if (offset >= model.length) {
            expectRefusal(Errno.EINVAL, () -> buffered.insertRange(offset, length));
            return what + " refused";
        }
        if (model.length + length > MAX_BYTES) {
            return what + " left out";
        }
        buffered.insertRange(offset, length);
        byte[] rest = Arrays.copyOfRange(model, offset, model.length);
        model = Arrays.copyOf(model, model.length + length);
        Arrays.fill(model, offset, offset + length, (byte) 0);
        System.arraycopy(rest, 0, model, offset + length, rest.length);
        return what;
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void expectRefusal(Errno errno, Action action) throws IOException {
        try {
            action.run();
        } catch (VfsException e) {
            assertThat(e.errno()).isEqualTo(errno);
            return;
        }
        throw new AssertionError("expected " + errno);
    }

    private int aligned(int value) {
        return value / blockSize * blockSize;
    }

    private String writeDirect() throws IOException {
        int length = Math.max(blockSize, aligned(length()));
        int offset = aligned(offset(length));
        byte[] content = content(length);
        writeAll(direct, offset, content);
        put(offset, content);
        return "writeDirect offset=" + offset + " length=" + length;
    }

    private String readDirect() throws IOException {
        int length = Math.max(blockSize, aligned(length()));
        int offset = aligned(offset(length));
        expectRead(direct, offset, length);
        return "readDirect offset=" + offset + " length=" + length;
    }

    private String writeDirectSideBySide() throws IOException {
        int length = (1 + random.nextInt(4)) * blockSize;
        int count = 1 + random.nextInt(6);
        int offset = aligned(offset(length * count));
        List<CompletableFuture<Integer>> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] content = content(length);
            writes.add(direct.writeDirectAsync(offset + i * length, MemorySegment.ofArray(content)));
            put(offset + i * length, content);
        }
        if (random.nextBoolean()) {
            int size = Math.max(0, model.length - random.nextInt(40_000));
            buffered.truncate(size); // waits for them
            model = Arrays.copyOf(model, size);
        }
        writes.forEach(write -> assertThat(write.join()).isEqualTo(length));
        return "writeDirectAsync offset=" + offset + " length=" + length + " count=" + count;
    }

    /** What lies in a hole is zero; what is not zero is found as data. */
    private String seek() throws IOException {
        long position = 0;
        while (position < model.length) {
            long data = model.length;
            try {
                data = buffered.seekData(position);
            } catch (VfsException e) {
                assertThat(e.errno()).isEqualTo(Errno.ENXIO);
            }
            for (long i = position; i < data; i++) {
                assertThat(model[(int) i]).as("byte %d in a hole", i).isZero();
            }
            if (data == model.length) {
                break;
            }
            position = buffered.seekHole(data);
            assertThat(position).isGreaterThan(data).isLessThanOrEqualTo(model.length);
        }
        return "seek";
    }

    private String fsync() throws IOException {
        buffered.fsync(random.nextBoolean());
        return "fsync";
    }

    void makeDurable() throws IOException {
        buffered.fsync(false);
    }

    /** The whole file is what it should be. */
    String verify() throws IOException {
        assertThat(buffered.attributes().sizeBytes()).as("size").isEqualTo(model.length);
        expectRead(random.nextInt(8) == 0 ? direct : buffered, 0, MAX_BYTES);
        return "verify";
    }

    /** The same file on another mount is what this one was. */
    void verifyOn(TestMount other) throws IOException {
        try (OpenFile file = other.openOrCreate(path)) {
            assertThat(file.attributes().sizeBytes()).as("size after a crash").isEqualTo(model.length);
            expectRead(file, 0, MAX_BYTES);
        }
    }

    String path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        buffered.close();
        direct.close();
        appending.close();
    }
}
