package samepage.dedupe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import samepage.remap.RemapOutcome;

/** Another target, what is asked of it, and what happens before that. */
final class WatchedTarget implements DedupeTarget {
    final List<RangePair> requests = new ArrayList<>();

    /** What was announced, and how many requests had been made by then. */
    final List<Announced> announced = new ArrayList<>();

    long blocksRead;
    private final DedupeTarget target;
    private BeforeShare beforeShare = _ -> {};

    record Announced(RangePair ranges, int afterRequests) {}

    interface BeforeShare {
        void share(RangePair request) throws IOException;
    }

    WatchedTarget(DedupeTarget target) {
        this.target = target;
    }

    void beforeEachShare(BeforeShare action) {
        beforeShare = action;
    }

    /** The lengths asked for, in blocks, in order. */
    List<Long> requestedBlocks() {
        return requests.stream()
                .map(request -> Math.ceilDiv(request.lengthBytes(), (long) blockSize()))
                .toList();
    }

    @Override
    public synchronized void prepare(RangePair ranges) {
        announced.add(new Announced(ranges, requests.size()));
    }

    @Override
    public int blockSize() {
        return target.blockSize();
    }

    @Override
    public long fileCount() {
        return target.fileCount();
    }

    @Override
    public List<? extends File> files(long fromId, int limit) throws IOException {
        return target.files(fromId, limit);
    }

    @Override
    public @Nullable File file(long id) throws IOException {
        return target.file(id);
    }

    @Override
    public void read(File file, long fromBlock, BlockWindow window) throws IOException {
        blocksRead += window.capacity();
        target.read(file, fromBlock, window);
    }

    @Override
    public RemapOutcome share(RangePair ranges) throws IOException {
        requests.add(ranges);
        beforeShare.share(ranges);
        return target.share(ranges);
    }

    @Override
    public void sync() throws IOException {
        target.sync();
    }

    @Override
    public long storedBytes() throws IOException {
        return target.storedBytes();
    }
}
