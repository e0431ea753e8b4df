package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import samepage.verification.schedule.Operation.Clone;
import samepage.verification.schedule.Operation.Collapse;
import samepage.verification.schedule.Operation.Dedupe;
import samepage.verification.schedule.Operation.DirectRead;
import samepage.verification.schedule.Operation.DirectWrite;
import samepage.verification.schedule.Operation.Insert;
import samepage.verification.schedule.Operation.LeaseRead;
import samepage.verification.schedule.Operation.LeaseWrite;
import samepage.verification.schedule.Operation.MapLoad;
import samepage.verification.schedule.Operation.MapStore;
import samepage.verification.schedule.Operation.Punch;
import samepage.verification.schedule.Operation.Read;
import samepage.verification.schedule.Operation.Truncate;
import samepage.verification.schedule.Operation.Write;

/**
 * Whether a history can be explained by doing its operations one after the other on files of plain bytes, each at some
 * moment between its beginning and its end (Wing and Gong, 1993). A write or read of several cells may be done cell by cell;
 * a cell is never torn. A dedupe changes nothing, and one that says "same" claims that there was a moment at which each
 * pair of cells was equal.
 *
 * <p>Cells that no operation connects are explained apart from each other.
 */
final class Linearizability {
    /** Cells that a file has in the model; none of a program's files grows longer. */
    static final int MAX_CELLS = 20;

    private final List<Step> steps = new ArrayList<>();
    private final int[] connected;
    private final int[] initial;

    /** A part of an operation that is done at once. */
    private record Step(int start, int end, List<Integer> cells, Effect effect, History.Entry origin, int after) {
        Step(int start, int end, List<Integer> cells, Effect effect, History.Entry origin) {
            this(start, end, cells, effect, origin, -1);
        }

        boolean mayFollow(BitSet done, int firstEnd) {
            return start <= firstEnd && (after < 0 || done.get(after));
        }
    }

    /** What a step does to the cells; false where it contradicts them. */
    private interface Effect {
        boolean on(int[] cells);

        default boolean onlyLooks() {
            return false;
        }
    }

    private record Looks(int cell, int value) implements Effect {
        @Override
        public boolean on(int[] cells) {
            return cells[cell] == value;
        }

        @Override
        public boolean onlyLooks() {
            return true;
        }
    }

    /**
     * Past the end, in the last block, a memory map has zeros, or what a map has stored there: no file has that, and it is
     * gone when the page is written back.
     */
    private record Loads(int cell, int value, boolean mayBePastEnd) implements Effect {
        @Override
        public boolean on(int[] cells) {
            return cells[cell] == value || (mayBePastEnd && cells[cell] == Outcome.ABSENT);
        }

        @Override
        public boolean onlyLooks() {
            return true;
        }
    }

    private record Equal(int one, int other) implements Effect {
        @Override
        public boolean on(int[] cells) {
            return cells[one] == cells[other];
        }

        @Override
        public boolean onlyLooks() {
            return true;
        }
    }

    private Linearizability(List<int[]> files) {
        initial = new int[files.size() * MAX_CELLS];
        Arrays.fill(initial, Outcome.ABSENT);
        for (int file = 0; file < files.size(); file++) {
            System.arraycopy(files.get(file), 0, initial, file * MAX_CELLS, files.get(file).length);
        }
        connected = new int[initial.length];
        Arrays.setAll(connected, i -> i);
    }

    /**
     * Looks for an explanation.
     *
     * @param files the cells of each file before
     * @return why there is none; null where there is one
     */
    static @Nullable String explain(List<int[]> files, List<History.Entry> history) {
        var model = new Linearizability(files);
        for (History.Entry entry : history) {
            model.add(entry, history);
        }
        return model.explain();
    }

    private void add(History.Entry entry, List<History.Entry> history) {
        if (entry.outcome.refusal() != null) {
            return;
        }
        switch (entry.operation) {
            case Write w -> addWrite(entry, w.file(), w.cell(), entry.outcome.amount(), w.value());
            case DirectWrite w -> {
                for (int i = 2 * w.block(); i < 2 * (w.block() + w.blocks()); i++) {
                    int cell = cell(w.file(), i);
                    each(entry, cell, cells -> extend(cells, cell)); // the size may be seen a moment before the bytes
                }
                addWrite(entry, w.file(), 2 * w.block(), 2 * w.blocks(), w.value());
            }
            case MapStore m -> {
                int cell = cell(m.file(), m.cell());
                each(entry, cell, cells -> cells[cell] == Outcome.ABSENT || set(cells, cell, m.value()));
            }
            case LeaseWrite w -> addWrite(entry, w.file(), 2 * w.block(), 2, w.value());
            case LeaseRead r -> addRead(entry, r.file(), 2 * r.block(), 2);
            case MapLoad m -> {
                int cell = cell(m.file(), m.cell());
                int value = java.util.Objects.requireNonNull(entry.outcome.cells())[0];
                boolean mayBePastEnd = value == 0
                        || history.stream()
                                .anyMatch(other -> other.start < entry.end
                                        && other.operation.equals(new MapStore(m.file(), m.cell(), (char) value)));
                each(entry, cell, new Loads(cell, value, mayBePastEnd));
            }
            case Read r -> addRead(entry, r.file(), r.cell(), r.cells());
            case DirectRead r -> addRead(entry, r.file(), 2 * r.block(), 2 * r.blocks());
            case Punch p -> {
                for (int i = p.cell(); i < Math.min(MAX_CELLS, p.cell() + p.cells()); i++) {
                    int cell = cell(p.file(), i);
                    each(entry, cell, cells -> zeroWhereThere(cells, cell));
                }
            }
            case Truncate t -> {
                for (int i = 0; i < MAX_CELLS; i++) {
                    int cell = cell(t.file(), i);
                    boolean stays = i < t.cells();
                    if (!stays && i / 2 == t.cells() / 2) {
                        each(
                                entry,
                                cell,
                                cells -> zeroWhereThere(cells, cell)); // the last block's rest, before it goes
                    }
                    each(entry, cell, cells -> stays ? extend(cells, cell) : set(cells, cell, Outcome.ABSENT));
                }
            }
            case Dedupe d -> {
                for (int i = 0; i < entry.outcome.amount(); i++) {
                    int one = cell(d.source(), 2 * d.from() + i);
                    int other = cell(d.target(), 2 * d.to() + i);
                    connect(one, other);
                    steps.add(new Step(entry.start, entry.end, List.of(one, other), new Equal(one, other), entry));
                }
            }
            case Clone c -> {
                for (int i = 0; i < 2 * c.to() && entry.outcome.amount() > 0; i++) {
                    int cell = cell(c.target(), i);
                    each(entry, cell, cells -> extend(cells, cell));
                }
                for (int i = 0; i < entry.outcome.amount(); i++) {
                    int from = cell(c.source(), 2 * c.from() + i);
                    int to = cell(c.target(), 2 * c.to() + i);
                    connect(from, to);
                    Effect copy = cells -> set(cells, to, cells[from]);
                    steps.add(new Step(entry.start, entry.end, List.of(from, to), copy, entry));
                }
            }
            case Collapse c -> addShift(entry, c.file(), 2 * c.block(), -2 * c.blocks());
            case Insert i -> addShift(entry, i.file(), 2 * i.block(), 2 * i.blocks());
            default -> {}
        }
    }

    private void addWrite(History.Entry entry, int file, int from, int count, char value) {
        for (int i = 0; i < from + count; i++) {
            int cell = cell(file, i);
            boolean written = i >= from;
            each(entry, cell, cells -> written ? set(cells, cell, value) : extend(cells, cell));
        }
    }

    private void addRead(History.Entry entry, int file, int from, int count) {
        int[] seen = java.util.Objects.requireNonNull(entry.outcome.cells());
        for (int i = 0; i < count; i++) {
            int cell = cell(file, from + i);
            int value = i < seen.length ? seen[i] : Outcome.ABSENT;
            each(entry, cell, new Looks(cell, value));
        }
    }

    private void addShift(History.Entry entry, int file, int from, int by) {
        var all = new ArrayList<Integer>();
        for (int i = from; i < MAX_CELLS; i++) {
            all.add(cell(file, i));
            connect(cell(file, from), cell(file, i));
        }
        Effect shift = cells -> {
            int start = cell(file, from);
            int end = cell(file, MAX_CELLS - 1) + 1;
            int[] before = Arrays.copyOfRange(cells, start, end);
            for (int i = 0; i < before.length; i++) {
                int origin = i - by;
                boolean hole = by > 0 && i < by;
                cells[start + i] = hole ? 0 : origin < before.length ? before[origin] : Outcome.ABSENT;
            }
            return true;
        };
        steps.add(new Step(entry.start, entry.end, all, shift, entry));
    }

    private void each(History.Entry entry, int cell, Effect effect) {
        steps.add(new Step(entry.start, entry.end, List.of(cell), effect, entry));
    }

    private static boolean set(int[] cells, int cell, int value) {
        cells[cell] = value;
        return true;
    }

    private static boolean extend(int[] cells, int cell) {
        return cells[cell] != Outcome.ABSENT || set(cells, cell, 0);
    }

    private static boolean zeroWhereThere(int[] cells, int cell) {
        return cells[cell] == Outcome.ABSENT || set(cells, cell, 0);
    }

    private static int cell(int file, int index) {
        if (index >= MAX_CELLS) {
            throw new IllegalStateException("the model's files are shorter: cell=" + index);
        }
        return file * MAX_CELLS + index;
    }

    private void connect(int one, int other) {
        connected[root(one)] = root(other);
    }

    private int root(int cell) {
        int at = cell;
        while (connected[at] != at) {
            at = connected[at];
        }
        return at;
    }

    private @Nullable String explain() {
        Map<Integer, List<Step>> parts = new TreeMap<>();
        for (Step step : steps) {
            parts.computeIfAbsent(root(step.cells.getFirst()), _ -> new ArrayList<>())
                    .add(step);
        }
        for (List<Step> part : parts.values()) {
            int[] cells = part.stream()
                    .flatMap(step -> step.cells.stream())
                    .mapToInt(i -> i)
                    .sorted()
                    .distinct()
                    .toArray();
            boolean shifted = part.stream().anyMatch(step -> step.cells.size() > 2);
            if (!search(shifted ? inOrder(part) : part, cells, initial.clone(), new BitSet(), new HashSet<>())) {
                return contradiction(part, cells);
            }
        }
        return null;
    }

    /**
     * Where all cells of a file are connected, what one operation does to them it does from the first to the last: else there
     * were more orders than can be tried.
     */
    private static List<Step> inOrder(List<Step> part) {
        var ordered = new ArrayList<Step>();
        var last = new HashMap<History.Entry, Integer>();
        for (Step step : part) {
            Integer before = step.effect.onlyLooks() ? null : last.put(step.origin, ordered.size());
            ordered.add(
                    new Step(step.start, step.end, step.cells, step.effect, step.origin, before == null ? -1 : before));
        }
        return ordered;
    }

    /** Whether the steps that are not in {@code done} can follow in some order. */
    private static boolean search(List<Step> part, int[] cells, int[] state, BitSet done, Set<List<Object>> deadEnds) {
        int firstEnd = Integer.MAX_VALUE;
        for (int i = done.nextClearBit(0); i < part.size(); i = done.nextClearBit(i + 1)) {
            firstEnd = Math.min(firstEnd, part.get(i).end);
        }
        // What only looks, and sees what is there, changes nothing by going first.
        for (int i = done.nextClearBit(0); i < part.size(); i = done.nextClearBit(i + 1)) {
            Step step = part.get(i);
            if (step.start <= firstEnd && step.effect.onlyLooks() && step.effect.on(state)) {
                return search(part, cells, state, with(done, i), deadEnds);
            }
        }
        if (done.cardinality() == part.size()) {
            return true;
        }
        List<Object> here = List.of(
                done, Arrays.stream(cells).map(cell -> state[cell]).boxed().toList());
        if (deadEnds.contains(here)) {
            return false;
        }
        for (int i = done.nextClearBit(0); i < part.size(); i = done.nextClearBit(i + 1)) {
            Step step = part.get(i);
            if (step.mayFollow(done, firstEnd) && !step.effect.onlyLooks()) {
                int[] after = state.clone();
                if (step.effect.on(after) && search(part, cells, after, with(done, i), deadEnds)) {
                    return true;
                }
            }
        }
        deadEnds.add(here);
        return false;
    }

    private static BitSet with(BitSet done, int step) {
        var more = (BitSet) done.clone();
        more.set(step);
        return more;
    }

    private String contradiction(List<Step> part, int[] cells) {
        var text = new StringBuilder("no order of these explains");
        var named = new HashMap<Integer, String>();
        for (int cell : cells) {
            named.put(cell, "file " + cell / MAX_CELLS + " cell " + cell % MAX_CELLS);
        }
        text.append(' ').append(named.values()).append(", at first ");
        for (int cell : cells) {
            text.append(Outcome.letter(initial[cell]));
        }
        part.stream()
                .map(step -> step.origin)
                .distinct()
                .forEach(entry -> text.append("\n    ").append(entry));
        return text.toString();
    }
}
