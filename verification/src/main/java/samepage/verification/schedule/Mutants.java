package samepage.verification.schedule;

import static samepage.verification.schedule.Mutant.answer;
import static samepage.verification.schedule.Mutant.callInstead;
import static samepage.verification.schedule.Mutant.follow;
import static samepage.verification.schedule.Mutant.leaveOut;
import static samepage.verification.schedule.Mutant.neverSame;

import java.util.ArrayList;
import java.util.List;

/** Each protection of the protocol, taken out; in the programs named, the file of the lower number is the source. */
final class Mutants {
    private static final String PAIR = "remap/InodePairLock";
    private static final String LEASES = "remap/PairLock";
    private static final String EXTENTS = "remap/WritebackPairLock";
    private static final String FOLIOS = "remap/RangeComparison$FolioPairLock";
    private static final String READER = "remap/RangeComparison$BlockReader";

    /**
     * A lease whose writes reach the file without its locks: the holder that the thread has in mind, who knows the device and
     * nothing of us. Ours puts them into the file under the locks, so that step (c) is a second line of defence; to see
     * whether it is needed the first one is taken out too.
     */
    private static final Mutant.Edit[] PUBLISHED_UNLOCKED = {
        leaveOut("io/GrantedLayout", "publish", "RankedLock", "lockExclusive", 0),
        leaveOut("io/GrantedLayout", "publish", "RankedLock", "lockExclusive", 1),
        leaveOut("io/GrantedLayout", "publish", "RankedLock", "lockExclusive", 2)
    };

    /** A locked compare whose pages may be evicted as long as it has not locked them. */
    private static final Mutant.Edit[] PAGES_UNPINNED = {
        follow(READER, "moveTo", "PageMapping", "find", "unpin"),
        leaveOut(READER, "moveTo", "Folio", "unpin"),
        leaveOut(READER, "forget", "Folio", "unpin")
    };

    private static final Mutant.Edit RECHECK =
            answer("remap/RangeComparison", "compareNext", "RangeComparison$BlockReader", "isStillThere", 1);

    private Mutants() {}

    /** All that must be found. */
    static List<Mutant> all() {
        var all = new ArrayList<Mutant>();
        all.add(new Mutant(
                "the source's inode lock is shared",
                "a, source",
                "6",
                callInstead(PAIR, "<init>", "RankedLock", "lockExclusive", 0, "lockShared")));
        all.add(new Mutant(
                "the target's inode lock is shared",
                "a, target",
                "6",
                callInstead(PAIR, "<init>", "RankedLock", "lockExclusive", 1, "lockShared")));
        all.add(new Mutant(
                "the source's invalidate lock is shared",
                "b, source",
                "8, 7",
                callInstead(PAIR, "<init>", "RankedLock", "lockExclusive", 2, "lockShared")));
        all.add(new Mutant(
                "the target's invalidate lock is shared",
                "b, target",
                "8, 7",
                callInstead(PAIR, "<init>", "RankedLock", "lockExclusive", 3, "lockShared")));
        all.add(new Mutant(
                "leases on the source are not recalled",
                "c, source",
                "10",
                PUBLISHED_UNLOCKED[0],
                PUBLISHED_UNLOCKED[1],
                PUBLISHED_UNLOCKED[2],
                new Mutant.Edit(LEASES, "withoutLayouts", "LayoutLeases", "conflict", 0, new Mutant.Change.LeftOut())));
        all.add(new Mutant(
                "leases on the target are not recalled",
                "c, target",
                "10",
                PUBLISHED_UNLOCKED[0],
                PUBLISHED_UNLOCKED[1],
                PUBLISHED_UNLOCKED[2],
                new Mutant.Edit(LEASES, "withoutLayouts", "LayoutLeases", "conflict", 1, new Mutant.Change.LeftOut())));
        all.add(new Mutant(
                "leases are recalled under the locks",
                "c, unlocked",
                "11",
                leaveOut(LEASES, "withoutLayouts", "PairLock", "close", 0)));
        all.add(new Mutant(
                "leases on the source are granted anew before the lock",
                "c, again, source",
                "12",
                PUBLISHED_UNLOCKED[0],
                PUBLISHED_UNLOCKED[1],
                PUBLISHED_UNLOCKED[2],
                leaveOut(LEASES, "withoutLayouts", "LayoutLeases", "holdOff", 0)));
        all.add(new Mutant(
                "leases on the target are granted anew before the lock",
                "c, again, target",
                "12",
                PUBLISHED_UNLOCKED[0],
                PUBLISHED_UNLOCKED[1],
                PUBLISHED_UNLOCKED[2],
                leaveOut(LEASES, "withoutLayouts", "LayoutLeases", "holdOff", 1)));
        all.add(new Mutant(
                "direct I/O of the source is not waited for",
                "d, source",
                "14, 6",
                leaveOut(PAIR, "drainDirectIo", "DrainableCount", "awaitZero", 0)));
        all.add(new Mutant(
                "direct I/O of the target is not waited for",
                "d, target",
                "14, 6",
                leaveOut(PAIR, "drainDirectIo", "DrainableCount", "awaitZero", 1)));
        all.add(new Mutant(
                "the source's dirty pages are not written back under the locks",
                "e, source",
                "9, 13",
                leaveOut(PAIR, "writeBack", "Inode", "writeBack", 0)));
        all.add(new Mutant(
                "the target's dirty pages are not written back under the locks",
                "e, target",
                "9, 13",
                leaveOut(PAIR, "writeBack", "Inode", "writeBack", 1)));
        all.add(new Mutant(
                "dirty blocks are shared, optimistic",
                "e, optimistic",
                "9, 30",
                answer("remap/OptimisticDedupe$Hold", "notSharableUntil", "PageMapping", "firstIdle", 0),
                answer("remap/OptimisticDedupe$Hold", "sharableUntil", "PageMapping", "firstBusy", 1 << 20)));
        all.add(new Mutant(
                "the unlocked compare reads past dirty pages",
                "e, unlocked",
                "13, 9",
                answer("remap/RangeComparison$BlockReader", "readFromDevice", "PageMapping", "firstBusy", 1 << 20)));
        all.add(new Mutant(
                "writability is not taken away under the locks, optimistic",
                "e, mapped",
                "7, 29, 30",
                leaveOut("remap/OptimisticDedupe", "run", "InodePairLock", "takeWritability")));
        all.add(new Mutant(
                "what changed is not compared under the locks",
                "version, compare",
                "30, 9, 19",
                answer("remap/OptimisticDedupe", "run", "OptimisticDedupe", "differsLocked", 0)));
        all.add(new Mutant(
                "what changed is shared",
                "version, share",
                "30, 9, 19",
                leaveOut("remap/OptimisticDedupe", "sharePieces", "OptimisticDedupe", "takeChanged")));
        all.add(new Mutant(
                "what was dirty before is not compared",
                "version, dirty",
                "30, 9, 13",
                leaveOut("remap/OptimisticDedupe", "run", "OptimisticDedupe", "takeBusy", 0),
                leaveOut("remap/OptimisticDedupe", "run", "OptimisticDedupe", "takeBusy", 1)));
        all.add(new Mutant(
                "the source's extents may move while they are shared",
                "extents, source",
                "9, 30, 34",
                leaveOut(EXTENTS, "<init>", "RankedLock", "lockExclusive", 0)));
        all.add(new Mutant(
                "the target's extents may move while they are shared",
                "extents, target",
                "9, 30, 34",
                leaveOut(EXTENTS, "<init>", "RankedLock", "lockExclusive", 1)));
        all.add(new Mutant(
                "a direct write is noted after its extents",
                "version, direct",
                "30, 6, 14",
                leaveOut("io/DirectIo", "record", "RankedLock", "lockExclusive")));
        Mutant writability = new Mutant(
                "writeback leaves pages writable",
                "e, mapped",
                "7, 29",
                answer("io/WritebackBatch", "take", "Folio", "takeWritability", 1));
        all.add(writability);
        all.add(writability.withoutLockOrderCheck());
        Mutant inodeOrder = new Mutant(
                "inodes are locked in the order of the request",
                "order of inodes",
                "2, 34",
                answer(PAIR, "<init>", "Inode", "ino", 0));
        all.add(inodeOrder);
        all.add(inodeOrder.withoutLockOrderCheck());
        all.add(new Mutant(
                "a pair of pages is locked in the order of the request",
                "order of pages",
                "1",
                answer(FOLIOS, "lock", "Folio", "isBefore", 1)));
        all.add(new Mutant(
                "a page that is both is locked twice", "order of pages", "3, 4", neverSame(FOLIOS, "lock", 0)));
        all.add(new Mutant(
                "a page that has left its file is compared all the same, no page pinned",
                "recheck",
                "5",
                PAGES_UNPINNED[0],
                PAGES_UNPINNED[1],
                PAGES_UNPINNED[2],
                RECHECK));
        all.add(new Mutant(
                "a buffered write is not noted",
                "version, buffered",
                "30, 19",
                leaveOut("io/BufferedIo", "writePiece", "Inode", "contentChanged")));
        all.add(new Mutant(
                "a direct write is not noted",
                "version, direct",
                "30, 19",
                leaveOut("io/DirectIo", "record", "Inode", "contentChanged")));
        all.add(new Mutant(
                "a store through a map is not noted",
                "version, mapped",
                "30, 7, 29",
                leaveOut("pagecache/Window", "tryClose", "Window$Listener", "contentChanged")));
        all.add(new Mutant(
                "a hole is not noted",
                "version, punch",
                "30, 15",
                leaveOut("io/Fallocation", "punchLocked", "Inode", "contentChanged")));
        all.add(new Mutant(
                "a moved range is not noted",
                "version, collapse and insert",
                "15",
                leaveOut("io/Fallocation", "moveRest", "Inode", "contentChanged")));
        all.add(new Mutant(
                "a clone is not noted",
                "version, clone",
                "30",
                leaveOut("remap/Remap", "replaceTarget", "Inode", "contentChanged")));
        all.add(new Mutant(
                "a truncation is not noted",
                "version, truncation",
                "15",
                leaveOut("io/Truncation", "shrink", "Inode", "contentChanged")));
        all.add(new Mutant(
                "no block is pinned", "pin", "31", answer("volume/BlockPins", "hasUnpinned", "TreeMap", "isEmpty", 1)));
        all.add(new Mutant(
                "a clone leaves the target's old pages",
                "clone, drop",
                "28, 2, 8",
                leaveOut("remap/Remap", "replaceTarget", "PageMapping", "drop")));
        all.add(new Mutant(
                "a direct write leaves old pages",
                "direct, drop",
                "6, 5",
                leaveOut("io/DirectIo", "record", "PageMapping", "dropClean")));
        return all;
    }

    /** Second lines of defence: as long as every step above stands, nothing tells whether they are there. */
    static List<Mutant> redundant() {
        return List.of(
                new Mutant(
                        "what is written through a lease reaches the file without its locks",
                        "publication",
                        "10, 11, 12",
                        PUBLISHED_UNLOCKED),
                new Mutant(
                        "leases on the source are not recalled, published under the locks",
                        "c, source, alone",
                        "10, 11, 12",
                        leaveOut(LEASES, "withoutLayouts", "LayoutLeases", "conflict", 0)),
                new Mutant(
                        "leases on the target are not recalled, published under the locks",
                        "c, target, alone",
                        "10, 11, 12",
                        leaveOut(LEASES, "withoutLayouts", "LayoutLeases", "conflict", 1)),
                new Mutant(
                        "what is dirty again once it has been copied is not copied again",
                        "writeback",
                        "24",
                        leaveOut("io/StagedPart$Piece", "copyWhatIsDirtyAgain", "StagedPart$Piece", "copy")),
                new Mutant("a page that has left its file is compared all the same", "recheck, alone", "5, 6", RECHECK),
                new Mutant("the locked compare pins no page", "page pin, alone", "5, 6", PAGES_UNPINNED));
    }
}
