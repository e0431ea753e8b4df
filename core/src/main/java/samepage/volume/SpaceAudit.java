package samepage.volume;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Holds the recorded reference counts against those that the extents make, and free space against both. */
final class SpaceAudit {
    private final TableWalk records;
    private final RunTally.Counts counted;
    private final AuditProblems problems;
    private final FreeCheck free;
    private long storedBlocks;
    private long sharedBlocks;
    private long highestEnd = 1;

    private SpaceMap.Counted recorded;
    private SpaceMap.Counted expected;
    private long previousEnd;

    /** @param freeSpace as it was at the records' time; null where it is not in memory */
    SpaceAudit(TableWalk records, RunTally mapped, SpaceMap.@Nullable Snapshot freeSpace, AuditProblems problems)
            throws IOException {
        this.records = records;
        this.counted = mapped.counts();
        this.problems = problems;
        this.free = new FreeCheck(freeSpace, problems);
        this.recorded = nextRecorded();
        this.expected = nextExpected();
    }

    long storedBlocks() {
        return storedBlocks;
    }

    long sharedBlocks() {
        return sharedBlocks;
    }

    /** Every block from here on is free. */
    long highestEnd() {
        return highestEnd;
    }

    /** V3: walks both sides in pieces over which neither changes. */
    void run() throws IOException {
        while (recorded.references() > 0 || expected.references() > 0) {
            long start = Math.min(recorded.start(), expected.start());
            long recordedHere = recorded.start() == start ? recorded.references() : 0;
            long expectedHere = expected.start() == start ? expected.references() : 0;
            long end = Math.min(boundary(recorded, start), boundary(expected, start));
            if (recordedHere != expectedHere) {
                problems.add(blocks(start, end) + ": references recorded are " + recordedHere + ", extents that map it "
                        + expectedHere);
            }
            recorded = recorded.start() == start ? rest(recorded, end, true) : recorded;
            expected = expected.start() == start ? rest(expected, end, false) : expected;
        }
        free.finish();
    }

    private static long boundary(SpaceMap.Counted run, long position) {
        return run.references() == 0 ? Long.MAX_VALUE : run.start() == position ? run.end() : run.start();
    }

    private SpaceMap.Counted rest(SpaceMap.Counted run, long from, boolean isRecorded) throws IOException {
        if (run.end() > from) {
            return new SpaceMap.Counted(from, run.end() - from, run.references());
        }
        return isRecorded ? nextRecorded() : nextExpected();
    }

    private SpaceMap.Counted nextExpected() {
        SpaceMap.Counted next = counted.next();
        if (next.references() > 0) {
            storedBlocks += next.length();
            sharedBlocks += next.references() > 1 ? next.length() : 0;
            highestEnd = Math.max(highestEnd, next.end());
        }
        return next;
    }

    /** The next record that makes sense, without what overlaps the one before; of no references at the end. */
    private SpaceMap.Counted nextRecorded() throws IOException {
        for (; !records.isAtEnd(); records.advance()) {
            SpaceMap.Counted record = decode();
            if (record == null) {
                continue;
            }
            if (record.start() < previousEnd) {
                problems.add(blocks(record.start(), record.end()) + ": reference counts recorded twice");
                if (record.end() <= previousEnd) {
                    continue;
                }
                record = new SpaceMap.Counted(previousEnd, record.end() - previousEnd, record.references());
            }
            previousEnd = record.end();
            highestEnd = Math.max(highestEnd, record.end());
            free.referenced(record);
            records.advance();
            return record;
        }
        return new SpaceMap.Counted(Long.MAX_VALUE, 0, 0);
    }

    private SpaceMap.@Nullable Counted decode() {
        try {
            var record = SpaceMap.Counted.decode(records.key(), records.value());
            boolean sane = record.start() > 0
                    && record.length() > 0
                    && record.references() > 0
                    && record.end() > 0
                    && record.end() <= RunTally.END_OF_DEVICES;
            if (!sane) {
                problems.add("block=" + record.start() + ": a reference count that cannot be: " + record);
                return null;
            }
            return record;
        } catch (RuntimeException e) {
            problems.add("block=" + records.first() + ": a reference count's record is damaged");
            return null;
        }
    }

    static String blocks(long start, long end) {
        return "block=" + start + (end - start == 1 ? "" : " to " + (end - 1));
    }

    /**
     * V1, V6: what is free in memory is not referenced in the committed state; and every block below the high-water mark is
     * one of the two, where nothing is between them.
     */
    private static final class FreeCheck {
        private final SpaceMap.@Nullable Snapshot space;
        private final AuditProblems problems;
        private int nextFree;
        private long position = 1;

        FreeCheck(SpaceMap.@Nullable Snapshot space, AuditProblems problems) {
            this.space = space;
            this.problems = problems;
        }

        void referenced(SpaceMap.Counted run) {
            if (space != null) {
                freeUpTo(space, run.start());
                used(space, run.start(), run.end(), "is referenced");
                if (run.end() > space.highWater()) {
                    problems.add(blocks(run.start(), run.end()) + ": referenced above the high-water mark "
                            + space.highWater());
                }
            }
        }

        void finish() {
            if (space == null) {
                return;
            }
            freeUpTo(space, Long.MAX_VALUE);
            if (space.isQuiet() && position < space.highWater()) {
                problems.add(blocks(position, space.highWater()) + ": neither free nor referenced");
            }
            long accountedFor =
                    space.storedBlocks() + space.freeBlocks() + space.unrecordedBlocks() + space.awaitingReuseBlocks();
            if (accountedFor != space.highWater() - 1) {
                problems.add("blocks below the high-water mark are " + (space.highWater() - 1) + ", stored "
                        + space.storedBlocks() + ", free " + space.freeBlocks() + ", allocated "
                        + space.unrecordedBlocks() + ", waiting to be used again " + space.awaitingReuseBlocks());
            }
        }

        private void freeUpTo(SpaceMap.Snapshot now, long start) {
            while (nextFree < now.freeRuns() && now.freeStart(nextFree) < start) {
                used(now, now.freeStart(nextFree), now.freeEnd(nextFree), "is free");
                nextFree++;
            }
        }

        private void used(SpaceMap.Snapshot now, long start, long end, String how) {
            if (start < position) {
                problems.add(
                        blocks(start, Math.min(position, end)) + ": " + how + ", and is free or referenced besides");
            } else if (start > position && now.isQuiet()) {
                problems.add(blocks(position, start) + ": neither free nor referenced");
            }
            position = Math.max(position, end);
        }
    }
}
