package samepage.dedupe;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import samepage.errno.Errno;
import samepage.errno.VfsException;
import samepage.remap.RemapOutcome;

/**
 * Files whose blocks are numbers instead of bytes: two blocks have the same content where the numbers are the same, 0 is a
 * hole. Shares by the rules that volumes have, and knows how little storage the files could take.
 */
final class ModelTarget implements DedupeTarget {
    static final int BLOCK = 4096;

    private final List<ModelFile> files = new ArrayList<>();
    private long nextPlace = 1;

    private static final class ModelFile implements File {
        final long id;
        final long sizeBytes;
        final long[] contents;
        final long[] places;

        ModelFile(long id, long sizeBytes, long[] contents) {
            this.id = id;
            this.sizeBytes = sizeBytes;
            this.contents = contents;
            this.places = new long[contents.length];
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }
    }

    /** A file of whole blocks. */
    long add(long... contents) {
        return addWithTail(0, contents);
    }

    /** @param tailBytes how much of the last block belongs to the file; 0 for all */
    long addWithTail(int tailBytes, long... contents) {
        long size = (long) contents.length * BLOCK - (tailBytes == 0 ? 0 : BLOCK - tailBytes);
        var file = new ModelFile(files.size(), size, contents);
        for (int i = 0; i < contents.length; i++) {
            file.places[i] = contents[i] == 0 ? BlockWindow.NO_DATA : nextPlace++;
        }
        files.add(file);
        return file.id;
    }

    /** A clone of a file. */
    long addClone(long id) {
        ModelFile original = files.get((int) id);
        var clone = new ModelFile(files.size(), original.sizeBytes, original.contents.clone());
        System.arraycopy(original.places, 0, clone.places, 0, clone.places.length);
        files.add(clone);
        return clone.id;
    }

    long[] contents(long id) {
        return files.get((int) id).contents;
    }

    /** What the files would take if each content were stored once; of partial last blocks, once for each length. */
    long leastBytes() {
        Set<List<Long>> contents = new HashSet<>();
        for (ModelFile file : files) {
            for (int i = 0; i < file.contents.length; i++) {
                if (file.contents[i] != 0) {
                    contents.add(List.of(file.contents[i], Math.min(BLOCK, file.sizeBytes - (long) i * BLOCK)));
                }
            }
        }
        return (long) contents.size() * BLOCK;
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    @Override
    public long fileCount() {
        return files.size();
    }

    @Override
    public List<? extends File> files(long fromId, int limit) {
        int from = (int) Math.min(fromId, files.size());
        return files.subList(from, Math.min(files.size(), from + limit));
    }

    @Override
    public @Nullable File file(long id) {
        return files.get((int) id);
    }

    @Override
    public void read(File file, long fromBlock, BlockWindow window) {
        var model = (ModelFile) file;
        int base = (int) fromBlock;
        while (base < model.places.length && model.places[base] == BlockWindow.NO_DATA) {
            base++;
        }
        boolean isAll = base + window.capacity() >= model.places.length;
        window.cover(fromBlock, base, isAll ? Long.MAX_VALUE : base + window.capacity());
        for (int i = base; i < Math.min(base + window.capacity(), model.places.length); i++) {
            if (model.places[i] != BlockWindow.NO_DATA) {
                window.put(i, fingerprintHigh(model.contents[i]), mixed(~model.contents[i]), model.places[i]);
            }
        }
    }

    static long fingerprintHigh(long content) {
        return mixed(content);
    }

    private static long mixed(long content) {
        long mixed = (content ^ (content >>> 32)) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 29)) * 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }

    @Override
    public synchronized RemapOutcome share(RangePair ranges) throws IOException {
        ModelFile source = files.get((int) ranges.sourceFile());
        ModelFile target = files.get((int) ranges.targetFile());
        check(ranges.sourceOffset() % BLOCK == 0 && ranges.targetOffset() % BLOCK == 0, ranges);
        check(ranges.sourceEnd() <= source.sizeBytes && ranges.targetEnd() <= target.sizeBytes, ranges);
        check(
                source != target
                        || ranges.sourceEnd() <= ranges.targetOffset()
                        || ranges.targetEnd() <= ranges.sourceOffset(),
                ranges);
        boolean endsBoth = ranges.sourceEnd() == source.sizeBytes && ranges.targetEnd() == target.sizeBytes;
        long bytes = endsBoth ? ranges.lengthBytes() : ranges.lengthBytes() - ranges.lengthBytes() % BLOCK;
        int from = (int) (ranges.sourceOffset() / BLOCK);
        int to = (int) (ranges.targetOffset() / BLOCK);
        int count = Math.toIntExact(Math.ceilDiv(bytes, (long) BLOCK));
        if (count == 0 || !Arrays.equals(source.contents, from, from + count, target.contents, to, to + count)) {
            return new RemapOutcome.Differs(Duration.ZERO);
        }
        long newlyShared = 0;
        for (int i = 0; i < count; i++) {
            if (source.places[from + i] != target.places[to + i]) {
                newlyShared += Math.min(BLOCK, bytes - (long) i * BLOCK);
                target.places[to + i] = source.places[from + i];
            }
        }
        return new RemapOutcome.Same(bytes, newlyShared, Duration.ZERO);
    }

    private static void check(boolean isValid, RangePair ranges) throws VfsException {
        if (!isValid) {
            throw new VfsException(Errno.EINVAL).with("ranges", ranges);
        }
    }

    @Override
    public void sync() {}

    @Override
    public long storedBytes() {
        long[] places = files.stream()
                .flatMapToLong(file -> Arrays.stream(file.places))
                .filter(place -> place != BlockWindow.NO_DATA)
                .sorted()
                .distinct()
                .toArray();
        return (long) places.length * BLOCK;
    }
}
