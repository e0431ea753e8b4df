package samepage.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Blocks that have been freed and whose storage the host still has; some may be in use again. For one thread. */
final class UndiscardedRuns {
    private final TreeMap<Long, Long> endByStart = new TreeMap<>();
    private long blockCount;

    /** Blocks of all runs. */
    long blockCount() {
        return blockCount;
    }

    /** Adds a run, of which blocks may have been added before; joined to what it touches. */
    void add(PhysicalRun run) {
        long start = run.start();
        long end = run.end();
        Map.Entry<Long, Long> touched = endByStart.floorEntry(end);
        while (touched != null && touched.getValue() >= start) {
            start = Math.min(start, touched.getKey());
            end = Math.max(end, touched.getValue());
            endByStart.remove(touched.getKey());
            blockCount -= touched.getValue() - touched.getKey();
            touched = endByStart.floorEntry(end);
        }
        endByStart.put(start, end);
        blockCount += end - start;
    }

    /** Takes out the runs of at least {@code blocks} blocks, upwards. */
    List<PhysicalRun> takeFrom(long blocks) {
        var taken = new ArrayList<PhysicalRun>();
        endByStart.entrySet().removeIf(run -> {
            long length = run.getValue() - run.getKey();
            if (length < blocks) {
                return false;
            }
            taken.add(new PhysicalRun(run.getKey(), length));
            blockCount -= length;
            return true;
        });
        return taken;
    }
}
