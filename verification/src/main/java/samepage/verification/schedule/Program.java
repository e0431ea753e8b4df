package samepage.verification.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Some files, and what some threads do with them side by side.
 *
 * @param files a letter for each block, a dot for a hole; a capital letter is a last cell of half a block. Before it a star
 *     where none of it has been written back, a tilde where no page has it; a bar within divides what lies apart
 */
record Program(String name, List<String> files, long deviceBlocks, List<List<Operation>> threads) {
    private static final long DEVICE_BLOCKS = 96;

    /** A program of these files, to which threads are added. */
    static Program of(String name, String... files) {
        return new Program(name, List.of(files), DEVICE_BLOCKS, List.of());
    }

    /** The same on a device of that many blocks. */
    Program on(long blocks) {
        return new Program(name, files, blocks, threads);
    }

    Program thread(Operation... operations) {
        var more = new ArrayList<>(threads);
        more.add(List.of(operations));
        return new Program(name, files, deviceBlocks, List.copyOf(more));
    }

    @Override
    public String toString() {
        var text = new StringBuilder(name + ", files " + files);
        threads.forEach(operations -> text.append("\n  ").append(operations));
        return text.toString();
    }
}
