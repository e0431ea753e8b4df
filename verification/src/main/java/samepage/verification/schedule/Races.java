package samepage.verification.schedule;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import samepage.verification.schedule.Operation.Clone;
import samepage.verification.schedule.Operation.Collapse;
import samepage.verification.schedule.Operation.Commit;
import samepage.verification.schedule.Operation.Dedupe;
import samepage.verification.schedule.Operation.DirectRead;
import samepage.verification.schedule.Operation.DirectWrite;
import samepage.verification.schedule.Operation.DropClean;
import samepage.verification.schedule.Operation.Fsync;
import samepage.verification.schedule.Operation.Insert;
import samepage.verification.schedule.Operation.Lease;
import samepage.verification.schedule.Operation.LeaseRead;
import samepage.verification.schedule.Operation.LeaseReturn;
import samepage.verification.schedule.Operation.LeaseWrite;
import samepage.verification.schedule.Operation.MapLoad;
import samepage.verification.schedule.Operation.MapStore;
import samepage.verification.schedule.Operation.PowerCut;
import samepage.verification.schedule.Operation.Pressure;
import samepage.verification.schedule.Operation.Punch;
import samepage.verification.schedule.Operation.Read;
import samepage.verification.schedule.Operation.Rename;
import samepage.verification.schedule.Operation.Truncate;
import samepage.verification.schedule.Operation.Unlink;
import samepage.verification.schedule.Operation.Write;
import samepage.verification.schedule.Operation.WriteBack;

/**
 * The races that dedupe must win, by number: for each the programs in which it happens. The numbers are those that comments
 * and documents cite.
 */
final class Races {
    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    private static final boolean OPTIMISTIC = true;
    private static final boolean LOCKED = false;
    private static final boolean ASYNC = true;
    private static final boolean SYNC = false;
    private static final boolean TO_WRITE = true;
    private static final boolean TO_READ = false;

    private Races() {}

    /** All that are programs, in order. */
    static Map<Integer, List<Program>> all() {
        var all = new TreeMap<Integer, List<Program>>();
        all.put(1, pagesInTwoOrders());
        all.put(2, bothWays());
        all.put(3, twoRangesOfOnePage());
        all.put(4, twoRangesOfOneFolio());
        all.put(5, pageInvalidated());
        all.put(6, directWriteWhileComparing());
        all.put(7, storeThroughOpenWindow());
        all.put(8, writeFaultWhileComparing());
        all.put(9, dirtiedBeforeTheLock());
        all.put(10, layoutWritten());
        all.put(11, recallWaits());
        all.put(12, layoutGrantedAnew());
        all.put(13, dirtyPagesCompared());
        all.put(14, asynchronousWriteCompletes());
        all.put(15, contentMoved());
        all.put(16, tailAgainstMiddle());
        all.put(17, sharedTailExtended());
        all.put(18, tailIntoMiddle());
        all.put(19, writesDuringShare());
        all.put(20, overwriteOfShared());
        all.put(21, sourceUnlinked());
        all.put(22, twoFromOne());
        all.put(23, severalTargets());
        all.put(24, powerCut());
        all.put(25, readersWhileWaiting());
        all.put(27, nothingToShare());
        all.put(28, reads());
        all.put(29, storesAgainAndAgain());
        all.put(30, writtenBackBetweenCompareAndLock());
        all.put(31, comparedBlocksReused());
        all.put(32, restlessWriter());
        all.put(34, threeLockers());
        return all;
    }

    /** The programs of races named by their numbers, with commas in between. */
    static List<Program> of(String numbers) {
        Map<Integer, List<Program>> all = all();
        return Pattern.compile(", ")
                .splitAsStream(numbers)
                .flatMap(number -> all.getOrDefault(Integer.valueOf(number), List.of()).stream())
                .toList();
    }

    private static Operation dedupe(int source, int target, int blocks, boolean optimistic) {
        return new Dedupe(source, 0, target, 0, 2 * blocks, optimistic);
    }

    private static Operation clone(int source, int target) {
        return new Clone(source, 0, target, 0, 0);
    }

    private static Operation read(int file) {
        return new Read(file, 0, 8);
    }

    static List<Program> pagesInTwoOrders() {
        return List.of(
                Program.of("race 1", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(dedupe(B, A, 4, LOCKED))
                        .thread(new DirectWrite(A, 1, 2, 'x', ASYNC), new WriteBack(B)),
                Program.of("race 1, backwards", "*aabb", "aabb")
                        .thread(dedupe(B, A, 4, LOCKED))
                        .thread(new WriteBack(A), new Write(B, 2, 4, 'a')));
    }

    static List<Program> bothWays() {
        return List.of(
                Program.of("race 2", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(dedupe(B, A, 4, LOCKED)),
                Program.of("race 2, optimistic", "aabb", "*aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(dedupe(B, A, 4, OPTIMISTIC)),
                Program.of("race 2, clone", "aabb", "bbaa").thread(clone(A, B)).thread(dedupe(B, A, 4, LOCKED)));
    }

    static List<Program> twoRangesOfOnePage() {
        return List.of(Program.of("race 3", "~aaaa")
                .thread(read(A), new Dedupe(A, 0, A, 2, 4, LOCKED))
                .thread(new Write(A, 2, 2, 'x'), read(A)));
    }

    static List<Program> twoRangesOfOneFolio() {
        return List.of(Program.of("race 4", "aabbaabb")
                .thread(new Dedupe(A, 4, A, 0, 8, LOCKED))
                .thread(new Write(A, 9, 2, 'x'))
                .thread(new WriteBack(A), new DirectWrite(A, 2, 1, 'y', ASYNC)));
    }

    static List<Program> pageInvalidated() {
        return List.of(
                Program.of("race 5", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DropClean(A), new DirectWrite(A, 1, 1, 'x', SYNC), read(A)),
                Program.of("race 5, of the target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DropClean(B), new DirectWrite(B, 1, 1, 'x', ASYNC), read(B)),
                Program.of("race 5, evicted", "aabb", "ccdd")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Pressure()));
    }

    static List<Program> directWriteWhileComparing() {
        return List.of(
                Program.of("race 6, on the source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DirectWrite(A, 0, 1, 'x', SYNC)),
                Program.of("race 6, on the target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DirectWrite(B, 0, 1, 'x', SYNC)),
                Program.of("race 6, on both, optimistic", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new DirectWrite(A, 0, 1, 'x', SYNC))
                        .thread(new DirectWrite(B, 1, 1, 'y', ASYNC)));
    }

    static List<Program> storeThroughOpenWindow() {
        return List.of(
                Program.of("race 7, on the source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new MapStore(A, 0, 'a'), new MapStore(A, 0, 'x')),
                Program.of("race 7, on the target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new MapStore(B, 0, 'a'), new MapStore(B, 0, 'x')),
                Program.of("race 7, optimistic", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new MapStore(A, 0, 'a'), new MapStore(A, 0, 'x'))
                        .thread(new MapStore(B, 3, 'a'), new MapStore(B, 3, 'y')));
    }

    static List<Program> writeFaultWhileComparing() {
        return List.of(
                Program.of("race 8, on the source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new MapStore(A, 0, 'x')),
                Program.of("race 8, on the source, once cleaned", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new MapStore(A, 0, 'a'), new MapStore(A, 0, 'x'), new WriteBack(A)),
                Program.of("race 8, on the target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new MapStore(B, 0, 'x')),
                Program.of("race 8, clone", "aabb", "ccdd")
                        .thread(clone(A, B))
                        .thread(new MapStore(A, 0, 'x'), new MapStore(A, 1, 'y'))
                        .thread(new MapStore(B, 6, 'z'), new MapLoad(B, 6)));
    }

    static List<Program> dirtiedBeforeTheLock() {
        return List.of(
                Program.of("race 9, source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(A, 0, 2, 'x'), new Write(A, 0, 2, 'a')),
                Program.of("race 9, source, locked", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Write(A, 0, 2, 'x'), new Write(A, 0, 2, 'a')),
                Program.of("race 9, target, locked", "xabb", "aabb")
                        .thread(clone(A, B), dedupe(A, B, 4, LOCKED))
                        .thread(new Write(B, 0, 2, 'y'), read(B)),
                Program.of("race 9, target", "abbb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(B, 2, 2, 'b'), new WriteBack(A), new Write(B, 2, 1, 'c')));
    }

    static List<Program> layoutWritten() {
        return List.of(
                Program.of("race 10, source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Lease(A, 0, 2, TO_WRITE), new LeaseWrite(A, 0, 'x'), new LeaseReturn()),
                Program.of("race 10, target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Lease(B, 0, 2, TO_WRITE), new LeaseWrite(B, 0, 'x'), new LeaseReturn()),
                Program.of("race 10, read", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC), new Write(B, 2, 2, 'y'))
                        .thread(new Lease(B, 0, 2, TO_READ), new LeaseRead(B, 0), new LeaseRead(B, 1))
                        .thread(new Write(A, 0, 2, 'x'), read(A)));
    }

    static List<Program> recallWaits() {
        return List.of(
                Program.of("race 11", "aabb", "aabb")
                        .thread(new Lease(A, 0, 2, TO_WRITE), new LeaseWrite(A, 1, 'a'))
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Write(A, 4, 2, 'x'), read(A)),
                Program.of("race 11, clone", "aabb", "ccdd")
                        .thread(new Lease(B, 1, 2, TO_WRITE), new LeaseWrite(B, 1, 'x'), new LeaseWrite(B, 2, 'y'))
                        .thread(clone(A, B))
                        .thread(read(B)));
    }

    static List<Program> layoutGrantedAnew() {
        return List.of(
                Program.of("race 12, source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(
                                new Lease(A, 0, 2, TO_WRITE),
                                new LeaseReturn(),
                                new Lease(A, 0, 1, TO_WRITE),
                                new LeaseWrite(A, 0, 'x')),
                Program.of("race 12, target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(
                                new Lease(B, 0, 2, TO_WRITE),
                                new LeaseReturn(),
                                new Lease(B, 0, 1, TO_WRITE),
                                new LeaseWrite(B, 0, 'x')));
    }

    static List<Program> dirtyPagesCompared() {
        return List.of(
                Program.of("race 13, source", "xabb", "aabb")
                        .thread(new Write(A, 0, 2, 'a'), dedupe(A, B, 4, LOCKED))
                        .thread(read(B), new DropClean(B), read(B)),
                Program.of("race 13, never written", "*aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Pressure(), read(B)),
                Program.of("race 13, dirty behind what no page has", "~aaba", "~aaba")
                        .thread(dedupe(B, A, 4, OPTIMISTIC))
                        .thread(new Write(B, 6, 2, 'b'), new WriteBack(B)),
                Program.of("race 13, mapped behind what no page has", "~abab", "~abab")
                        .thread(dedupe(A, B, 2, OPTIMISTIC))
                        .thread(new MapStore(B, 2, 'x')),
                Program.of("race 13, target shared and dirty", "aabb", "xabb")
                        .thread(clone(A, B), new Write(B, 0, 2, 'y'), dedupe(A, B, 4, LOCKED))
                        .thread(new WriteBack(A), read(B)));
    }

    static List<Program> asynchronousWriteCompletes() {
        return List.of(
                Program.of("race 14, source", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DirectWrite(A, 0, 1, 'x', ASYNC)),
                Program.of("race 14, target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new DirectWrite(B, 0, 1, 'x', ASYNC)),
                Program.of("race 14, past the end", "aa", "aabb")
                        .thread(new Dedupe(A, 0, B, 0, 8, LOCKED))
                        .thread(new DirectWrite(A, 2, 2, 'b', ASYNC)),
                Program.of("race 14, truncation", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new DirectWrite(B, 2, 2, 'x', ASYNC), new Truncate(B, 4)));
    }

    static List<Program> contentMoved() {
        return List.of(
                Program.of("race 15, truncation", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Truncate(A, 4), new Truncate(A, 8)),
                Program.of("race 15, hole", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(new Punch(A, 2, 3), new Commit(), new Write(B, 0, 2, 'x')),
                Program.of("race 15, collapse", "abcd", "abcd")
                        .thread(dedupe(A, B, 3, OPTIMISTIC))
                        .thread(new Collapse(A, 1, 1), read(A)),
                Program.of("race 15, insert", "abcd", "abcd")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Insert(B, 1, 1), read(B)));
    }

    static List<Program> tailAgainstMiddle() {
        return List.of(
                Program.of("race 16", "aA", "aaa")
                        .thread(new Dedupe(A, 0, B, 0, 3, OPTIMISTIC))
                        .thread(new Write(B, 3, 1, 'x'), new Read(B, 0, 6)),
                Program.of("race 16, the target grows", "aA", "aA")
                        .thread(new Dedupe(A, 0, B, 0, 3, LOCKED))
                        .thread(new Write(B, 3, 1, 'x')),
                Program.of("race 16, the target shrinks", "aA", "aaa")
                        .thread(new Dedupe(A, 0, B, 0, 3, OPTIMISTIC))
                        .thread(new Truncate(B, 3)));
    }

    static List<Program> sharedTailExtended() {
        return List.of(
                Program.of("race 17", "aA", "aA")
                        .thread(new Dedupe(A, 0, B, 0, 3, LOCKED), new Truncate(B, 6))
                        .thread(new MapStore(A, 3, 'x'), new MapStore(A, 2, 'a')),
                Program.of("race 17, after a power cut", "aabb", "aabb")
                        .thread(new Truncate(A, 3), new Commit(), new PowerCut())
                        .thread(dedupe(A, B, 2, OPTIMISTIC), new Truncate(B, 5), new Commit(), new PowerCut()),
                Program.of("race 17, optimistic", "*aA", "aA")
                        .thread(new Dedupe(A, 0, B, 0, 3, OPTIMISTIC))
                        .thread(new Truncate(B, 6), new Read(B, 0, 6), new DropClean(B)));
    }

    static List<Program> tailIntoMiddle() {
        return List.of(Program.of("race 18", "aA", "bbbb")
                .thread(new Clone(A, 0, B, 0, 0))
                .thread(new Truncate(B, 3))
                .thread(read(B)));
    }

    static List<Program> writesDuringShare() {
        return List.of(
                Program.of("race 19", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(A, 1, 4, 'x'), new WriteBack(A))
                        .thread(new DirectWrite(A, 3, 1, 'y', ASYNC)),
                Program.of("race 19, clone", "aabb", "....")
                        .thread(clone(A, B))
                        .thread(new Write(A, 1, 4, 'x'), new WriteBack(A), new Commit()));
    }

    static List<Program> overwriteOfShared() {
        return List.of(Program.of("race 20", "aabb", "aabb")
                .thread(dedupe(A, B, 4, LOCKED))
                .thread(new Write(A, 0, 2, 'x'), new Fsync(A), new Write(B, 2, 2, 'y'))
                .thread(new DropClean(B), read(B)));
    }

    static List<Program> sourceUnlinked() {
        return List.of(
                Program.of("race 21", "aabb", "aabb", "cc")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Unlink(A), new Commit(), new Write(C, 0, 4, 'x'), new Fsync(C)),
                Program.of("race 21, the target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED), new Commit())
                        .thread(new Unlink(B), new Commit()));
    }

    static List<Program> twoFromOne() {
        return List.of(
                Program.of("race 22, one target", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(dedupe(A, B, 4, OPTIMISTIC), new Commit()),
                Program.of("race 22, two targets", "aabb", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED))
                        .thread(dedupe(A, C, 4, OPTIMISTIC))
                        .thread(new Commit(), new Write(A, 0, 2, 'x')));
    }

    static List<Program> severalTargets() {
        return List.of(Program.of("race 23", "aabb", "aabb", "aabb")
                .thread(dedupe(A, B, 4, OPTIMISTIC), dedupe(A, C, 4, OPTIMISTIC))
                .thread(new Write(A, 2, 2, 'x'))
                .thread(new DirectWrite(A, 3, 1, 'y', ASYNC)));
    }

    static List<Program> powerCut() {
        return List.of(
                Program.of("race 24", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC), new Commit())
                        .thread(new PowerCut())
                        .thread(new Commit(), new Fsync(A), new PowerCut()),
                Program.of("race 24, with writers", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, LOCKED), new Commit())
                        .thread(new Write(A, 0, 2, 'x'), new Fsync(A), new PowerCut()),
                Program.of("race 24, written while it is written back", "aabb", "aabb")
                        .thread(new Write(A, 0, 2, 'x'), new Write(A, 0, 2, 'y'))
                        .thread(new WriteBack(A), new Commit(), new PowerCut()));
    }

    static List<Program> readersWhileWaiting() {
        return List.of(Program.of("race 25", "aabb", "~aabb")
                .thread(dedupe(A, B, 4, LOCKED))
                .thread(new DirectWrite(A, 0, 2, 'a', ASYNC), new Commit())
                .thread(read(A), read(B), new DirectRead(B, 0, 4)));
    }

    static List<Program> nothingToShare() {
        return List.of(Program.of("race 27", "A", "aa")
                .thread(new Dedupe(A, 0, B, 0, 1, OPTIMISTIC))
                .thread(new Truncate(B, 1))
                .thread(new Dedupe(A, 0, B, 0, 1, LOCKED)));
    }

    static List<Program> reads() {
        return List.of(
                Program.of("race 28", "aabb", "~aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(read(B), new Read(A, 1, 6))
                        .thread(new DirectRead(B, 0, 4), new DropClean(B), read(B)),
                Program.of("race 28, clone", "abcd", "~wxyz")
                        .thread(clone(A, B))
                        .thread(read(B), read(B))
                        .thread(new Pressure(), new DirectRead(B, 0, 4)));
    }

    static List<Program> storesAgainAndAgain() {
        return List.of(Program.of("race 29", "aa", "aa")
                .thread(dedupe(A, B, 2, OPTIMISTIC), dedupe(A, B, 2, LOCKED), dedupe(B, A, 2, OPTIMISTIC))
                .thread(new MapStore(A, 0, 'x'), new MapStore(A, 0, 'a'), new MapStore(A, 0, 'y'))
                .thread(new MapStore(B, 0, 'x'), new MapStore(B, 0, 'a'), new MapLoad(B, 0)));
    }

    static List<Program> writtenBackBetweenCompareAndLock() {
        return List.of(
                Program.of("race 30, buffered", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(A, 0, 2, 'x'), new WriteBack(A)),
                Program.of("race 30, direct", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new DirectWrite(B, 1, 1, 'x', ASYNC)),
                Program.of("race 30, mapped", "aabb", "aabb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new MapStore(A, 0, 'a'), new MapStore(A, 0, 'x'), new WriteBack(A)),
                Program.of("race 30, hole", "a.bb", "a.bb")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Punch(B, 0, 2), new WriteBack(B)),
                // Never the same: what was shared is changed before the rest becomes equal.
                Program.of("race 30, shared in part already", "aabb", "aabc")
                        .thread(new Dedupe(A, 0, B, 0, 4, OPTIMISTIC), dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(B, 0, 2, 'x'), new Write(B, 6, 2, 'b')),
                // What the source was is compared with what the target becomes.
                Program.of("race 30, never the same", "~aa", "~ba")
                        .thread(dedupe(A, B, 2, OPTIMISTIC))
                        .thread(new Write(A, 0, 2, 'x'), new Write(B, 0, 2, 'a')),
                Program.of("race 30, never the same, mapped", "~aa", "~ba")
                        .thread(dedupe(A, B, 2, OPTIMISTIC))
                        .thread(
                                new MapStore(A, 0, 'x'),
                                new MapStore(A, 1, 'x'),
                                new MapStore(B, 0, 'a'),
                                new MapStore(B, 1, 'a')),
                Program.of("race 30, in pieces", "a|a|b|b", "a|a|b|b")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(A, 6, 2, 'x'), new WriteBack(A))
                        .thread(new DirectWrite(B, 2, 1, 'y', SYNC)),
                Program.of("race 30, in pieces, mapped", "a|a|b|b", "a|a|b|b")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(
                                new MapStore(A, 7, 'b'),
                                new MapStore(A, 7, 'x'),
                                new WriteBack(A),
                                new MapStore(A, 7, 'y'))
                        .thread(new Truncate(B, 6)),
                Program.of("race 30, shared already", "aabb", "ccaa")
                        .thread(clone(A, B), dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Write(A, 0, 2, 'x'), new Write(A, 2, 2, 'y'), new WriteBack(A))
                        .thread(new Write(B, 6, 2, 'z')),
                Program.of("race 30, clone", "aabb", "aabb", "cc")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new Clone(C, 0, A, 1, 0)));
    }

    static List<Program> comparedBlocksReused() {
        return List.of(
                Program.of("race 31", "~aabb", "~aabb", "cc")
                        .thread(dedupe(A, B, 4, OPTIMISTIC))
                        .thread(new DirectWrite(A, 0, 4, 'x', SYNC), new Commit(), new DirectWrite(C, 0, 2, 'b', SYNC))
                        .on(17),
                Program.of("race 31, reads", "~abcd", "~aabb")
                        .thread(read(A))
                        .thread(new DirectWrite(A, 0, 4, 'x', SYNC), new Commit(), new DirectWrite(B, 0, 4, 'y', SYNC))
                        .on(15));
    }

    static List<Program> restlessWriter() {
        return List.of(Program.of("race 32", "aaa", "aaa")
                .thread(dedupe(A, B, 3, OPTIMISTIC))
                .thread(
                        new Write(A, 0, 1, 'x'),
                        new Write(A, 0, 1, 'a'),
                        new Write(A, 0, 1, 'x'),
                        new Write(A, 0, 1, 'a'))
                .thread(
                        new DirectWrite(B, 2, 1, 'x', SYNC),
                        new DirectWrite(B, 2, 1, 'a', SYNC),
                        new DirectWrite(B, 2, 1, 'a', SYNC)));
    }

    static List<Program> threeLockers() {
        return List.of(Program.of("race 34", "aabb", "aabb", "*cc")
                .thread(dedupe(B, A, 4, LOCKED))
                .thread(new Rename(A, B), new Rename(B, C))
                .thread(new Fsync(C), new Write(A, 0, 1, 'x'), new Fsync(A)));
    }
}
