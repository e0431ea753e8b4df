package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** A program drawn by lot: two or three small files of few contents, one who dedupes, and others who do anything. */
final class RandomProgram {
    private static final int MAX_FILES = 3;
    private static final int MAX_BLOCKS = 4;

    /** What moves whole files' cells connects them all: too much to explain more than once in a program. */
    private boolean moved;

    private final RandomGenerator random;
    private final int files;

    /** A file that is written through maps is not written directly: as in the kernel, a block then keeps one of the two. */
    private final boolean[] mapped = new boolean[MAX_FILES];

    private RandomProgram(RandomGenerator random) {
        this.random = random;
        this.files = random.nextInt(2, MAX_FILES + 1);
        for (int i = 0; i < MAX_FILES; i++) {
            mapped[i] = random.nextBoolean();
        }
    }

    static Program of(long seed) {
        return new RandomProgram(new SplittableRandom(seed)).program("program " + seed);
    }

    private Program program(String name) {
        var contents = new ArrayList<String>();
        var common = letters();
        for (int i = 0; i < files; i++) {
            contents.add(state() + (random.nextInt(3) > 0 ? common : letters()) + tail());
        }
        var program = new Program(name, contents, random.nextInt(4) == 0 ? 40 : 96, List.of());
        program = program.thread(operations(1 + random.nextInt(2), true));
        for (int threads = 1 + random.nextInt(3); threads > 0; threads--) {
            program = program.thread(operations(1 + random.nextInt(3), random.nextInt(6) == 0));
        }
        return program;
    }

    private String letters() {
        var letters = new StringBuilder();
        for (int blocks = random.nextInt(1, MAX_BLOCKS + 1); blocks > 0; blocks--) {
            letters.append("aaabbb.".charAt(random.nextInt(7)));
            if (blocks > 1 && random.nextInt(3) == 0) {
                letters.append('|');
            }
        }
        return letters.toString();
    }

    private String state() {
        return List.of("", "", "*", "~").get(random.nextInt(4));
    }

    private String tail() {
        return random.nextInt(5) == 0 ? "A" : "";
    }

    private Operation[] operations(int count, boolean dedupes) {
        var operations = new Operation[count];
        for (int i = 0; i < count; i++) {
            operations[i] = dedupes ? sharing() : any();
        }
        return operations;
    }

    private Operation sharing() {
        int source = random.nextInt(files);
        int target = random.nextInt(8) == 0 ? source : (source + 1) % files;
        int from = random.nextInt(4) == 0 ? random.nextInt(MAX_BLOCKS) : 0;
        int to = source == target || random.nextInt(4) == 0 ? random.nextInt(MAX_BLOCKS) : from;
        if (random.nextInt(6) == 0) {
            return new Operation.Clone(source, from, target, to, random.nextInt(3));
        }
        int cells = 2 * random.nextInt(1, MAX_BLOCKS + 1) + (random.nextInt(5) == 0 ? 1 : 0);
        return new Operation.Dedupe(source, from, target, to, cells, random.nextInt(3) > 0);
    }

    private Operation any() {
        int file = random.nextInt(files);
        int cell = random.nextInt(2 * MAX_BLOCKS);
        int cells = random.nextInt(1, 4);
        int block = cell / 2;
        int blocks = random.nextInt(1, 3);
        char value = "abx".charAt(random.nextInt(3));
        return switch (random.nextInt(30)) {
            case 0, 1, 2, 3 -> new Operation.Write(file, cell, cells, value);
            case 4, 5, 6 -> new Operation.Read(file, 0, 2 * MAX_BLOCKS);
            case 7, 8, 9 ->
                mapped[file]
                        ? new Operation.Write(file, cell, cells, value)
                        : new Operation.DirectWrite(file, block, blocks, value, random.nextBoolean());
            case 10 -> new Operation.DirectRead(file, block, blocks);
            case 11, 12, 13 ->
                mapped[file]
                        ? new Operation.MapStore(file, cell, value)
                        : new Operation.DirectWrite(file, block, blocks, value, random.nextBoolean());
            case 14 -> new Operation.MapLoad(file, cell);
            case 15 -> new Operation.Lease(file, block, blocks, random.nextInt(3) > 0);
            case 16, 17 -> new Operation.LeaseWrite(file, block, value);
            case 18 -> new Operation.LeaseRead(file, block);
            case 19 -> new Operation.Punch(file, cell, cells);
            case 20 -> new Operation.Truncate(file, random.nextInt(2 * MAX_BLOCKS + 1));
            case 21 -> moving(file, block);
            case 22 -> new Operation.Allocate(file, block, blocks);
            case 23, 24 -> new Operation.WriteBack(file);
            case 25 -> new Operation.Fsync(file);
            case 26 -> new Operation.Commit();
            case 27 -> new Operation.DropClean(file);
            case 28 -> new Operation.Pressure();
            default -> random.nextInt(3) == 0 ? new Operation.Rename(0, 1) : new Operation.PowerCut();
        };
    }

    private Operation moving(int file, int block) {
        if (moved) {
            return new Operation.Commit();
        }
        moved = true;
        return random.nextBoolean() ? new Operation.Collapse(file, block, 1) : new Operation.Insert(file, block, 1);
    }
}
